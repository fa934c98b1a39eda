{#- The schemas are exactly STAGING, CORE and PRESENTATION, whatever the target: their grants are given by name. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
