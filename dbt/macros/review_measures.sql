{#- The measures that every mart of reviews has, over the rows of a group; a text to begin the list of a select with. -#}
{% macro review_measures() -%}
    count(*) as review_count,
        count(rating) as rating_count,
        avg(rating)::number(9, 4) as average_rating,
        {{ share(is_positive()) }} as positive_share
{%- endmacro %}
