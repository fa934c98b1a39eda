-- Of every file, raw holds as many rejected records as the outcome of its batch says.
with

settled_batches as (

    {{ settled_batches() }}

),

outcomes as (

    select
        file_events.file_id,
        file_events.batch_id,
        file_events.records_rejected
    from {{ ref('fct_file_events') }} as file_events
    inner join settled_batches on file_events.batch_id = settled_batches.batch_id
    where file_events.records_read is not null

),

rows_in_raw as (

    select
        rejected_records.file_id,
        rejected_records.batch_id,
        count(*) as row_count
    from {{ ref('stg_rejected_records') }} as rejected_records
    inner join settled_batches on rejected_records.batch_id = settled_batches.batch_id
    where {{ recent_ingest_dates('rejected_records.ingest_date') }}
    group by rejected_records.file_id, rejected_records.batch_id

)

select
    coalesce(outcomes.file_id, rows_in_raw.file_id) as file_id,
    coalesce(outcomes.batch_id, rows_in_raw.batch_id) as batch_id,
    outcomes.records_rejected,
    rows_in_raw.row_count
from outcomes
full outer join rows_in_raw
    on outcomes.file_id = rows_in_raw.file_id and outcomes.batch_id = rows_in_raw.batch_id
where coalesce(outcomes.records_rejected, 0) != coalesce(rows_in_raw.row_count, 0)
