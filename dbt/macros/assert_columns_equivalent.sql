{#-
    Extends dbt's check of a model's contract: dbt asks Snowflake twice for each model, the second time for what it calls the types that the
    contract names. Of these types that is known; where a contract has another one, dbt asks.
-#}
{% macro snowflake__get_assert_columns_equivalent(sql) -%}
    {%- set names = {
        'boolean': 'BOOLEAN', 'date': 'DATE', 'float': 'REAL', 'number': 'FIXED', 'timestamp_ntz': 'TIMESTAMP_NTZ', 'varchar': 'TEXT'
    } -%}
    {%- set declared = [] -%}
    {%- for column in model.columns.values() -%}
        {%- set name = names.get(column.data_type.split('(')[0] | lower) -%}
        {%- if name is none -%}
            {{ return(assert_columns_equivalent(sql)) }}
        {%- endif -%}
        {%- do declared.append(api.Column(column.name | upper, name)) -%}
    {%- endfor -%}
    {%- set declared = format_columns(declared) -%}
    {%- set found = format_columns(get_column_schema_from_query(sql)) -%}
    {%- if found | map(attribute='formatted') | sort | list != declared | map(attribute='formatted') | sort | list -%}
        {%- do exceptions.raise_contract_error(declared, found) -%}
    {%- endif -%}
{%- endmacro %}
