with

source_rows as (

    {{ published_rows('review_responses') }}

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
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
