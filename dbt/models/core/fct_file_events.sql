{{
    config(
        materialized='incremental',
        unique_key='event_id'
    )
}}

with

file_events as (

    select * from {{ ref('stg_file_events') }}
    where ingest_date >= {{ first_ingest_date() }}

),

-- A retried task writes its events again, over those it wrote before.
latest as (

    select
        event_id,
        file_id,
        bucket_name,
        object_key,
        version_id,
        size_bytes,
        etag,
        arrived_at,
        source_name,
        status,
        reason,
        detail,
        records_read,
        records_published,
        records_rejected,
        records_duplicate,
        records_deleted,
        rejected_by_reason,
        batch_rows,
        execution_arn,
        attempt,
        occurred_at,
        triggered_by,
        replaces_batch_id,
        ingest_date,
        batch_id
    from file_events

    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as loaded
            where
                loaded.event_id = file_events.event_id
                and loaded.occurred_at = file_events.occurred_at
        )
    {% endif %}

    qualify
        row_number() over (
            partition by event_id
            order by occurred_at desc
        ) = 1

)

select * from latest
