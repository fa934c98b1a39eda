{{
    config(
        materialized='incremental',
        unique_key='version_key',
        post_hook=['{{ delete_replaced_rows() }}', '{{ forget_deleted() }}']
    )
}}

with

reviews as (

    select * from {{ ref('stg_reviews') }}
    where ingest_date >= {{ first_ingest_date() }}

),

{{ recorded_batches() }},

incoming as (

    select
        sha2(reviews.review_key || reviews.version_at::varchar, 256) as version_key,
        reviews.review_key,
        reviews.source_name,
        reviews.product_key,
        reviews.version_at,
        reviews.rating,
        reviews.is_recommended,
        sha2(reviews.review_body, 256) as text_hash,
        reviews.ingested_at,
        reviews.ingest_date,
        reviews.batch_id
    from reviews
    inner join recorded_batches on reviews.batch_id = recorded_batches.batch_id

),

{{ newest_versions('version_key', version='version_at') }}

select * from final
