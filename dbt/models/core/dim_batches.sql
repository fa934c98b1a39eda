with

file_events as (

    select * from {{ ref('fct_file_events') }}

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
        count(distinct iff(status = 'FAILED', file_id, null)) as failed_file_count,
        count(distinct iff(records_read is not null, file_id, null)) as recorded_file_count,
        coalesce(sum(records_read), 0)::number(38, 0) as records_read,
        coalesce(sum(records_published), 0)::number(38, 0) as records_published,
        coalesce(sum(records_rejected), 0)::number(38, 0) as records_rejected,
        coalesce(sum(records_duplicate), 0)::number(38, 0) as records_duplicate
    from file_events
    group by batch_id

),

final as (

    select
        batch_id,
        ingest_date,
        execution_arn,
        case
            when failed_file_count > 0 then 'FAILED'
            when recorded_file_count > 0 then 'RECORDED'
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
    from aggregated

)

select * from final
