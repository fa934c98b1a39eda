with

source_rows as (

    select * from {{ source('raw', 'review_tags') }}

),

renamed as (

    select
        review_key,
        position as item_position,
        tag,
        file_id,
        record_number,
        ingested_at,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
