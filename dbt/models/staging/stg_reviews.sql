with

source_rows as (

    {{ published_rows('reviews') }}

),

renamed as (

    select
        review_key,
        source as source_name,
        review_id,
        product_key,
        product_id,
        reviewer_key,
        reviewer_id,
        rating,
        rating_raw as received_rating,
        rating_scale,
        recommended as is_recommended,
        title as review_title,
        body as review_body,
        language,
        verified_purchase as is_verified_purchase,
        helpful_votes,
        total_votes,
        created_at,
        updated_at,
        coalesce(updated_at, created_at) as version_at,
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
