{#- Share of the rows of a group of which a condition is true, among those of which it is true or false; null without any. -#}
{% macro share(condition) -%}
    (count_if({{ condition }}) / nullif(count({{ condition }}), 0))::number(9, 4)
{%- endmacro %}
