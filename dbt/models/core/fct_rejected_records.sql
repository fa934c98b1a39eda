{{
    config(
        materialized='incremental',
        unique_key='rejected_record_key',
        post_hook='{{ delete_replaced_rows() }}'
    )
}}

with

rejected_records as (

    select * from {{ ref('stg_rejected_records') }}
    where ingest_date >= {{ first_ingest_date() }}

),

{{ recorded_batches() }},

-- The record itself and what was found in it stay in staging: a person may have written anything there.
incoming as (

    select
        sha2(concat(rejected_records.file_id, '/', rejected_records.record_number::varchar), 256) as rejected_record_key,
        rejected_records.source_name,
        rejected_records.reason,
        array_size(rejected_records.reasons)::number(38, 0) as reason_count,
        rejected_records.record_bytes,
        rejected_records.file_id,
        rejected_records.record_number,
        rejected_records.ingested_at,
        rejected_records.ingest_date,
        rejected_records.batch_id
    from rejected_records
    inner join recorded_batches on rejected_records.batch_id = recorded_batches.batch_id

),

final as (

    select *
    from incoming

    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as loaded
            where
                loaded.rejected_record_key = incoming.rejected_record_key
                and loaded.batch_id = incoming.batch_id
        )
    {% endif %}

    qualify
        row_number() over (
            partition by rejected_record_key
            order by ingested_at desc, batch_id desc
        ) = 1

)

select * from final
