with

source_rows as (

    {{ published_rows('customers') }}

),

renamed as (

    select
        customer_key,
        source as source_name,
        customer_id,
        email,
        given_name,
        family_name,
        phone,
        company,
        country,
        city,
        lifecycle_stage,
        created_at,
        updated_at,
        coalesce(updated_at, created_at) as version_at,
        is_deleted,
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
