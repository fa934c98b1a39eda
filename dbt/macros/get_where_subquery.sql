{#-
    Extends dbt's own macro by one word: a test with `where: __recent__` reads the ingest dates of the last `audit_days` only, so that
    the cost of staging's tests does not grow with the history of the external tables.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set where = (config.get('where') or '') | replace('__recent__', recent_ingest_dates()) -%}
    {%- if where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
