{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='reviewer_key',
        on_schema_change='append_new_columns'
    )
}}

with

reviewers as (

    select * from {{ ref('stg_reviewers') }}
    where ingest_date >= {{ first_ingest_date() }}

),

recorded_batches as (

    select batch_id from {{ ref('dim_batches') }}
    where status = 'RECORDED'

),

incoming as (

    select
        reviewers.reviewer_key,
        reviewers.source_name,
        reviewers.reviewer_name is not null as has_name,
        reviewers.profile_url is not null as has_profile,
        reviewers.image_url is not null as has_image,
        reviewers.country,
        reviewers.last_seen_at,
        reviewers.file_id,
        reviewers.record_number,
        reviewers.ingested_at,
        reviewers.ingest_date,
        reviewers.batch_id
    from reviewers
    inner join recorded_batches on reviewers.batch_id = recorded_batches.batch_id

),

{{ newest_versions('reviewer_key') }}

select * from final
