{#- Condition on the ingest dates that the tests of staging, and of core against staging, look at: the last `audit_days`. -#}
{% macro recent_ingest_dates(column='ingest_date') -%}
    {{ column }} >= dateadd('day', -{{ var('audit_days') }}, current_date)
{%- endmacro %}
