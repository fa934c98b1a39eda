{#- Seconds from one timestamp to another, to the millisecond; null where either is null. -#}
{% macro seconds_between(from_timestamp, to_timestamp) -%}
    (datediff('millisecond', {{ from_timestamp }}, {{ to_timestamp }}) / 1000)::number(18, 3)
{%- endmacro %}
