{#-
    Extends dbt's own macro by one word: a test with `where: __recent__` reads the ingest dates of the last `audit_days` only, so that
    what the tests of staging cost does not grow with the history of the external tables.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if where -%}
        {%- set recent = "ingest_date >= dateadd('day', -" ~ var('audit_days') ~ ", current_date)" -%}
        (select * from {{ relation }} where {{ where | replace('__recent__', recent) }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
