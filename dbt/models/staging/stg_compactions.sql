with

source_rows as (

    select * from {{ source('raw', 'compactions') }}

),

renamed as (

    select
        compacted_batch_id,
        compacted_rows,
        compacted_at,
        ingest_date,
        batch_id as compaction_id
    from source_rows

)

select * from renamed
