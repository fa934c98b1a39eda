with

source_rows as (

    {{ published_rows('deleted_reviews') }}

),

renamed as (

    select
        review_key,
        source as source_name,
        reason,
        deleted_at,
        file_id,
        record_number,
        ingested_at,
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
