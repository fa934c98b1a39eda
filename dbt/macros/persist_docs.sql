{#- Extends dbt's statement that describes a table's columns: dbt asks Snowflake for their names first, which the contract has. -#}
{% macro snowflake__alter_column_comment(relation, column_dict) -%}
    alter {{ relation.type }} {{ relation }} alter
    {%- for name in column_dict %}
    {{ get_column_comment_sql(name | upper, column_dict) }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
