{{
    config(
        materialized='incremental',
        unique_key='reviewer_key',
        pre_hook="{{ forget_undescribing('reviewer_key') }}"
    )
}}

with

reviewers as (

    select * from {{ ref('stg_reviewers') }}
    where ingest_date >= {{ first_ingest_date(described_by='reviewer_key') }}

),

-- What a batch says of one counts as long as a review of that batch does: a deletion takes the last of them with it.
referring as (

    select distinct
        reviewer_key,
        batch_id
    from {{ ref('fct_reviews') }}

),

incoming as (

    select
        reviewers.reviewer_key,
        reviewers.source_name,
        reviewers.reviewer_name is not null as has_name,
        reviewers.profile_url is not null as has_profile,
        reviewers.image_url is not null as has_image,
        {{ email_key('reviewers.email') }} as email_key,
        reviewers.country,
        reviewers.last_seen_at,
        reviewers.file_id,
        reviewers.record_number,
        reviewers.ingested_at,
        reviewers.ingest_date,
        reviewers.batch_id
    from reviewers
    inner join referring
        on reviewers.reviewer_key = referring.reviewer_key and reviewers.batch_id = referring.batch_id

),

{{ newest_versions('reviewer_key') }}

select * from final
