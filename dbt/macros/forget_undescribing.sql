{#-
    Statement that removes from an incremental model the descriptions that come from a batch of which no review counts any more:
    deleted, or replaced by a newer version. What outranks reviews (`outranking`, an expression over the row) stays. The model's own query then finds the newest of those that remain.
-#}
{% macro forget_undescribing(key, outranking='false') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            not {{ outranking }}
            and not exists (
                select 1
                from {{ ref('fct_reviews') }} as reviews
                where
                    reviews.{{ key }} = {{ this }}.{{ key }}
                    and reviews.batch_id = {{ this }}.batch_id
            )
            or batch_id in ({{ replaced_batches() }})
    {%- endif -%}
{%- endmacro %}
