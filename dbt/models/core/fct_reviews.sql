{{
    config(
        materialized='incremental',
        unique_key='review_key',
        post_hook=['{{ delete_replaced_rows() }}', '{{ forget_deleted() }}']
    )
}}
{%- set first_ingest_date = first_ingest_date() %}

with

reviews as (

    select * from {{ ref('stg_reviews') }}
    where ingest_date >= {{ first_ingest_date }}

),

review_media as (

    select * from {{ ref('stg_review_media') }}
    where ingest_date >= {{ first_ingest_date }}

),

review_responses as (

    select * from {{ ref('stg_review_responses') }}
    where ingest_date >= {{ first_ingest_date }}

),

review_tags as (

    select * from {{ ref('stg_review_tags') }}
    where ingest_date >= {{ first_ingest_date }}

),

{{ recorded_batches() }},

deletions as (

    select * from {{ ref('fct_deleted_reviews') }}

),

media as (

    select
        review_key,
        batch_id,
        count(*) as media_count
    from review_media
    group by review_key, batch_id

),

responses as (

    select
        review_key,
        batch_id,
        count(*) as response_count,
        min(responded_at) as first_responded_at
    from review_responses
    group by review_key, batch_id

),

tags as (

    select
        review_key,
        batch_id,
        count(*) as tag_count
    from review_tags
    group by review_key, batch_id

),

incoming as (

    select
        reviews.review_key,
        reviews.source_name,
        reviews.product_key,
        reviews.reviewer_key,
        reviews.rating,
        reviews.rating_scale,
        reviews.is_recommended,
        reviews.language,
        reviews.is_verified_purchase,
        reviews.helpful_votes,
        reviews.total_votes,
        coalesce(length(reviews.review_title), 0) as title_length,
        coalesce(length(reviews.review_body), 0) as body_length,
        iff(
            length(reviews.review_body) >= {{ var('fingerprint_characters') }},
            sha2(lower(trim(reviews.review_body)), 256),
            null
        ) as text_fingerprint,
        coalesce(media.media_count, 0) as media_count,
        coalesce(responses.response_count, 0) as response_count,
        responses.first_responded_at,
        coalesce(tags.tag_count, 0) as tag_count,
        reviews.created_at::date as reviewed_on,
        reviews.created_at,
        reviews.updated_at,
        reviews.version_at,
        reviews.file_id,
        reviews.record_number,
        reviews.ingested_at,
        reviews.ingest_date,
        reviews.batch_id
    from reviews
    inner join recorded_batches on reviews.batch_id = recorded_batches.batch_id
    left join media
        on reviews.review_key = media.review_key and reviews.batch_id = media.batch_id
    left join responses
        on reviews.review_key = responses.review_key and reviews.batch_id = responses.batch_id
    left join tags
        on reviews.review_key = tags.review_key and reviews.batch_id = tags.batch_id
    left join deletions on reviews.review_key = deletions.review_key
    where deletions.review_key is null or deletions.deleted_at < reviews.version_at

),

-- The files of the lists may become visible after those of the reviews: of the same batch the reading that saw more of them wins.
{{ newest_versions(
    'review_key',
    version='version_at',
    completeness='media_count + response_count + tag_count'
) }}

select * from final
