{{ config(tags=['audit']) }}

-- Every review that raw holds and that is not deleted is in core, in the newest of its versions; and core holds no version that
-- raw does not.
with

settled_batches as (

    {{ settled_batches() }}

),

published as (

    select reviews.*
    from {{ ref('stg_reviews') }} as reviews
    inner join settled_batches on reviews.batch_id = settled_batches.batch_id
    left join {{ ref('fct_deleted_reviews') }} as deletions on reviews.review_key = deletions.review_key
    where
        (deletions.review_key is null or deletions.deleted_at < reviews.version_at)
        and {{ recent_ingest_dates('reviews.ingest_date') }}

),

newest_published as (

    select *
    from published
    qualify
        row_number() over (
            partition by review_key
            order by version_at desc, ingested_at desc, batch_id desc
        ) = 1

),

in_core as (

    select * from {{ ref('fct_reviews') }}

),

lost_or_outdated as (

    select
        newest_published.review_key,
        newest_published.batch_id,
        iff(in_core.review_key is null, 'lost', 'outdated') as problem
    from newest_published
    left join in_core on newest_published.review_key = in_core.review_key
    where
        in_core.review_key is null
        or in_core.version_at < newest_published.version_at
        or (
            in_core.version_at = newest_published.version_at
            and in_core.ingested_at < newest_published.ingested_at
        )

),

unknown as (

    select
        in_core.review_key,
        in_core.batch_id,
        'not in raw' as problem
    from in_core
    inner join settled_batches on in_core.batch_id = settled_batches.batch_id
    left join published
        on in_core.review_key = published.review_key and in_core.batch_id = published.batch_id
    where published.review_key is null

)

select * from lost_or_outdated
union all
select * from unknown
