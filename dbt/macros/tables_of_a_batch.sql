{#- The published tables that the jobs write rows of a batch to: the names in the column batch_rows of file events. -#}
{% macro tables_of_a_batch() -%}
    {{ return([
        'reviews',
        'products',
        'reviewers',
        'review_media',
        'review_responses',
        'review_tags',
        'customers',
        'support_cases',
        'deleted_reviews',
        'rejected_records',
    ]) }}
{%- endmacro %}
