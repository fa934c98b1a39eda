{#- Statement that removes from a model every version of a review that is not newer than the review's deletion. -#}
{% macro forget_deleted() -%}
    delete from {{ this }}
    where
        exists (
            select 1
            from {{ ref('fct_deleted_reviews') }} as deletions
            where
                deletions.review_key = {{ this }}.review_key
                and deletions.deleted_at >= {{ this }}.version_at
        )
{%- endmacro %}
