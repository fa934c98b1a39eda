with

source_rows as (

    select * from {{ source('raw', 'review_responses') }}

),

renamed as (

    select
        review_key,
        position as item_position,
        responder as responder_name,
        body as response_body,
        responded_at,
        file_id,
        record_number,
        ingested_at,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
