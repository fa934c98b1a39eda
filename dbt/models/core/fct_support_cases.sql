{{
    config(
        materialized='incremental',
        unique_key='case_key',
        post_hook='{{ delete_replaced_rows() }}'
    )
}}

with

cases as (

    select * from {{ ref('stg_support_cases') }}
    where ingest_date >= {{ first_ingest_date() }}

),

{{ recorded_batches() }},

-- What the customer wrote leaves its length only. Of a deleted case the key stays, so an older version cannot come back.
incoming as (

    select
        cases.case_key,
        cases.source_name,
        iff(coalesce(cases.is_deleted, false), null, cases.customer_key) as customer_key,
        iff(coalesce(cases.is_deleted, false), null, {{ email_key('cases.email') }}) as email_key,
        cases.status,
        cases.priority,
        cases.channel,
        coalesce(cases.is_closed, cases.closed_at is not null) as is_closed,
        coalesce(cases.is_deleted, false) as is_deleted,
        length(cases.description)::number(38, 0) as description_length,
        cases.created_at,
        cases.closed_at,
        cases.version_at,
        cases.file_id,
        cases.record_number,
        cases.ingested_at,
        cases.ingest_date,
        cases.batch_id
    from cases
    inner join recorded_batches on cases.batch_id = recorded_batches.batch_id

),

{{ newest_versions('case_key', version='version_at') }}

select * from final
