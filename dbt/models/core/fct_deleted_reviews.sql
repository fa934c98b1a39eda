{{
    config(
        materialized='incremental',
        unique_key='review_key',
        post_hook='{{ delete_replaced_rows() }}'
    )
}}

with

deleted_reviews as (

    select * from {{ ref('stg_deleted_reviews') }}
    where ingest_date >= {{ first_ingest_date() }}

),

{{ recorded_batches() }},

-- Of several deletions of a review in one batch the last record of the newest time counts.
incoming as (

    select
        deleted_reviews.review_key,
        deleted_reviews.source_name,
        deleted_reviews.reason,
        deleted_reviews.deleted_at,
        deleted_reviews.file_id,
        deleted_reviews.record_number,
        deleted_reviews.ingested_at,
        deleted_reviews.ingest_date,
        deleted_reviews.batch_id
    from deleted_reviews
    inner join recorded_batches on deleted_reviews.batch_id = recorded_batches.batch_id
    qualify
        row_number() over (
            partition by deleted_reviews.review_key, deleted_reviews.batch_id
            order by deleted_reviews.deleted_at desc, deleted_reviews.file_id desc, deleted_reviews.record_number desc
        ) = 1

),

{{ newest_versions('review_key', version='deleted_at') }}

select * from final
