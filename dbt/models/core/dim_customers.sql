{{
    config(
        materialized='incremental',
        unique_key='customer_key',
        post_hook='{{ delete_replaced_rows() }}'
    )
}}

with

customers as (

    select * from {{ ref('stg_customers') }}
    where ingest_date >= {{ first_ingest_date() }}

),

{{ recorded_batches() }},

-- Of a deleted customer the key stays, so an older version cannot come back; nothing that was known does.
incoming as (

    select
        customers.customer_key,
        customers.source_name,
        iff(coalesce(customers.is_deleted, false), null, {{ email_key('customers.email') }}) as email_key,
        iff(coalesce(customers.is_deleted, false), null, customers.country) as country,
        iff(coalesce(customers.is_deleted, false), null, customers.lifecycle_stage) as lifecycle_stage,
        coalesce(customers.is_deleted, false) as is_deleted,
        customers.created_at,
        customers.version_at,
        customers.file_id,
        customers.record_number,
        customers.ingested_at,
        customers.ingest_date,
        customers.batch_id
    from customers
    inner join recorded_batches on customers.batch_id = recorded_batches.batch_id

),

{{ newest_versions('customer_key', version='version_at') }}

select * from final
