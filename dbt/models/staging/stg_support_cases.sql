with

source_rows as (

    {{ published_rows('support_cases') }}

),

renamed as (

    select
        case_key,
        source as source_name,
        case_id,
        customer_key,
        customer_id,
        email,
        subject,
        description,
        status,
        priority,
        channel,
        is_closed,
        created_at,
        updated_at,
        coalesce(updated_at, created_at) as version_at,
        closed_at,
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
