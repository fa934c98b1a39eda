with

source_rows as (

    {{ published_rows('rejected_records') }}

),

renamed as (

    select
        source as source_name,
        reason,
        reasons::array as reasons,
        details::array as details,
        record as record_text,
        record_base64,
        record_bytes,
        file_id,
        record_number,
        ingested_at,
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
