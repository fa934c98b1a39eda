{#- First day of a date's month. -#}
{% macro month_of(date) -%}
    date_trunc('month', {{ date }})::date
{%- endmacro %}
