{{ config(tags=['audit']) }}

-- Every rejected record that raw holds is in core, once.
with

settled_batches as (

    {{ settled_batches() }}

),

in_raw as (

    select
        rejected_records.file_id,
        rejected_records.record_number
    from {{ ref('stg_rejected_records') }} as rejected_records
    inner join settled_batches on rejected_records.batch_id = settled_batches.batch_id
    where {{ recent_ingest_dates('rejected_records.ingest_date') }}

),

in_core as (

    select
        file_id,
        record_number
    from {{ ref('fct_rejected_records') }}

)

select
    in_raw.file_id,
    in_raw.record_number
from in_raw
left join in_core
    on in_raw.file_id = in_core.file_id and in_raw.record_number = in_core.record_number
where in_core.file_id is null
