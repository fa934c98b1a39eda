with

source_rows as (

    {{ published_rows('review_media') }}

),

renamed as (

    select
        review_key,
        position as item_position,
        kind as media_kind,
        url as media_url,
        caption as media_caption,
        width as width_pixels,
        height as height_pixels,
        file_id,
        record_number,
        ingested_at,
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
