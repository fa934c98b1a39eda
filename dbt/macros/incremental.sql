{#-
    In place of dbt's own materialization: that makes a temporary view, describes it and the table twice each, and drops it, eleven statements
    for each model and run. The contract has the columns already, so the query goes into the MERGE itself: three statements.
    Strategies: merge by `unique_key`, or append without one. A column that is new in the contract is added to the table.
-#}
{% materialization incremental, adapter='snowflake' -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks) }}

    {%- if is_incremental() -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- set columns = contract_columns() -%}
        {%- do add_new_columns(target_relation) -%}
        {%- call statement('main') -%}
            {{ merge_query(target_relation, compiled_code, columns) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, target_relation, compiled_code) }}
        {%- endcall -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- The columns of the model's contract. -#}
{% macro contract_columns() -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(api.Column.from_description(column.name | upper, column.data_type)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#- Adds to a table the columns of the contract that it does not have, with the types that the contract states. -#}
{% macro add_new_columns(relation) -%}
    {%- set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- set new = [] -%}
    {%- for column in model.columns.values() if column.name | upper not in known -%}
        {%- do new.append(adapter.quote(column.name | upper) ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- if new -%}
        {%- do run_query('alter table ' ~ relation ~ ' add column ' ~ new | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}


{#- One statement that merges the rows of a query into a table, or appends them where the model has no key. -#}
{% macro merge_query(relation, query, columns) -%}
    {%- set source = '(\n' ~ query ~ '\n)' -%}
    {%- if config.get('unique_key') -%}
        {{ default__get_merge_sql(relation, source, config.get('unique_key'), columns) }}
    {%- else -%}
        {%- set names = get_quoted_csv(columns | map(attribute='name')) -%}
        insert into {{ relation }} ({{ names }})
        select {{ names }} from {{ source }} as appended
    {%- endif -%}
{%- endmacro %}
