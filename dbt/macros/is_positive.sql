{#-
    Whether a review is positive, one meaning for stars and thumbs: `positive_from_stars` stars or more, or a thumb up; null where
    there is neither.
-#}
{% macro is_positive() -%}
    coalesce(rating >= {{ var('positive_from_stars') }}, is_recommended)
{%- endmacro %}
