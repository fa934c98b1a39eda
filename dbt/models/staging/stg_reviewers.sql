with

source_rows as (

    {{ published_rows('reviewers') }}

),

renamed as (

    select
        reviewer_key,
        source as source_name,
        reviewer_id,
        name as reviewer_name,
        email,
        profile_url,
        image_url,
        country,
        city,
        last_seen_at,
        file_id,
        record_number,
        ingested_at,
        original_batch_id,
        ingest_date,
        batch_id
    from source_rows

)

select * from renamed
