{#-
    Statement that removes from an incremental model the descriptions that come from a batch of which no review counts any more:
    deleted, or replaced by a newer version. The model's own query then finds the newest of those that remain.
-#}
{% macro forget_undescribing(key) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            not exists (
                select 1
                from {{ ref('fct_reviews') }} as reviews
                where
                    reviews.{{ key }} = {{ this }}.{{ key }}
                    and reviews.batch_id = {{ this }}.batch_id
            )
    {%- endif -%}
{%- endmacro %}
