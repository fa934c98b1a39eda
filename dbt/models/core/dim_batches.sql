{%- set first_ingest_date = first_ingest_date(ref('fct_file_events')) %}

with

file_events as (

    select * from {{ ref('fct_file_events') }}

),

reviews as (

    select * from {{ ref('stg_reviews') }}
    where ingest_date >= {{ first_ingest_date }}

),

products as (

    select * from {{ ref('stg_products') }}
    where ingest_date >= {{ first_ingest_date }}

),

reviewers as (

    select * from {{ ref('stg_reviewers') }}
    where ingest_date >= {{ first_ingest_date }}

),

rejected_records as (

    select * from {{ ref('stg_rejected_records') }}
    where ingest_date >= {{ first_ingest_date }}

),

aggregated as (

    select
        batch_id,
        min(ingest_date) as ingest_date,
        min(execution_arn) as execution_arn,
        min(occurred_at) as started_at,
        max(occurred_at) as last_event_at,
        count(distinct file_id) as file_count,
        count(distinct iff(status = 'PROCESSING', file_id, null)) as processed_file_count,
        -- A file that failed alone takes nothing of the others with it, and nothing of it is published.
        count(distinct iff(status = 'FAILED' and reason is distinct from 'FILE_FAILED', file_id, null)) as failed_file_count,
        count(distinct iff(records_read is not null, file_id, null)) as recorded_file_count,
        coalesce(sum(records_read), 0)::number(38, 0) as records_read,
        coalesce(sum(records_published), 0)::number(38, 0) as records_published,
        coalesce(sum(records_rejected), 0)::number(38, 0) as records_rejected,
        coalesce(sum(records_duplicate), 0)::number(38, 0) as records_duplicate
    from file_events
    group by batch_id

),

-- Each external table is refreshed by notifications of its own: an outcome may be seen before all the rows that it reports.
-- A review counts as seen once its product and its reviewer are seen too. After a batch was written again, its old files may show
-- beside the new ones for a while: more rows than it reports are as wrong as fewer.
seen_reviews as (

    select
        reviews.batch_id,
        count(*) as review_count
    from reviews
    inner join products
        on reviews.product_key = products.product_key and reviews.batch_id = products.batch_id
    left join reviewers
        on reviews.reviewer_key = reviewers.reviewer_key and reviews.batch_id = reviewers.batch_id
    where reviews.reviewer_key is null or reviewers.reviewer_key is not null
    group by reviews.batch_id

),

-- A published record of a catalogue is one product, described by that record.
seen_catalogue_products as (

    select
        batch_id,
        count(*) as product_count
    from products
    where from_catalogue
    group by batch_id

),

seen_rejected_records as (

    select
        batch_id,
        count(*) as record_count
    from rejected_records
    group by batch_id

),

-- From its own outcome on, a batch that processed the same files again stands in the place of the earlier one.
replaced_batches as (

    select distinct file_events.replaces_batch_id as batch_id
    from file_events
    inner join aggregated on file_events.batch_id = aggregated.batch_id
    where
        file_events.replaces_batch_id is not null
        and file_events.records_read is not null
        and aggregated.failed_file_count = 0

),

compared as (

    select
        aggregated.*,
        -- Older batches have been seen long ago, or the tests of raw tell.
        aggregated.ingest_date < {{ first_ingest_date }}
        or (
            aggregated.records_published = coalesce(seen_reviews.review_count, 0) + coalesce(seen_catalogue_products.product_count, 0)
            and aggregated.records_rejected = coalesce(seen_rejected_records.record_count, 0)
        ) as is_seen,
        replaced_batches.batch_id is not null as is_replaced
    from aggregated
    left join seen_reviews on aggregated.batch_id = seen_reviews.batch_id
    left join seen_catalogue_products on aggregated.batch_id = seen_catalogue_products.batch_id
    left join seen_rejected_records on aggregated.batch_id = seen_rejected_records.batch_id
    left join replaced_batches on aggregated.batch_id = replaced_batches.batch_id

),

final as (

    select
        batch_id,
        ingest_date,
        execution_arn,
        case
            when failed_file_count > 0 then 'FAILED'
            when is_replaced then 'REPLACED'
            when recorded_file_count > 0 and is_seen then 'RECORDED'
            when recorded_file_count > 0 then 'ARRIVING'
            when processed_file_count > 0 then 'RUNNING'
            else 'NOTHING_TO_READ'
        end as status,
        started_at,
        last_event_at,
        file_count,
        records_read,
        records_published,
        records_rejected,
        records_duplicate
    from compared

)

select * from final
