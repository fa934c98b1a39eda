with

source_rows as (

    select * from {{ source('raw', 'file_events') }}

),

renamed as (

    select
        event_id,
        file_id,
        bucket as bucket_name,
        key as object_key,
        version_id,
        size_bytes,
        etag,
        arrived_at,
        source as source_name,
        status,
        reason,
        detail,
        records_read,
        records_published,
        records_rejected,
        records_duplicate,
        rejected_by_reason,
        execution_arn,
        attempt,
        occurred_at,
        triggered_by,
        replaces_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
