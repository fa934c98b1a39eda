with

source_rows as (

    {{ published_rows('products') }}

),

renamed as (

    select
        product_key,
        source as source_name,
        product_id,
        parent_id,
        title as product_title,
        brand,
        categories::array as categories,
        price_amount,
        price_currency,
        url as product_url,
        last_seen_at,
        from_catalogue,
        attributes,
        file_id,
        record_number,
        ingested_at,
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
