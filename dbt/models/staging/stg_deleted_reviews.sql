with

source_rows as (

    select * from {{ source('raw', 'deleted_reviews') }}

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
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
