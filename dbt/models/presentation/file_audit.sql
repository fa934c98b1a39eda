with

files as (

    select * from {{ ref('dim_files') }}

),

reviews as (

    select * from {{ ref('fct_reviews') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

rejected_records as (

    select * from {{ ref('fct_rejected_records') }}

),

current_reviews as (

    select
        file_id,
        count(*) as current_review_count
    from reviews
    group by file_id

),

current_products as (

    select
        file_id,
        count(*) as current_product_count
    from products
    where from_catalogue
    group by file_id

),

records_of_crm as (

    select file_id from {{ ref('dim_customers') }}
    union all
    select file_id from {{ ref('fct_support_cases') }}

),

current_records_of_crm as (

    select
        file_id,
        count(*) as current_crm_record_count
    from records_of_crm
    group by file_id

),

kept_rejections as (

    select
        file_id,
        count(*) as kept_rejection_count
    from rejected_records
    group by file_id

),

final as (

    select
        files.file_id,
        files.bucket_name,
        files.object_key,
        files.version_id,
        files.source_name,
        files.size_bytes,
        files.arrived_at,
        files.status,
        files.status_since,
        files.is_final,
        files.reason,
        files.detail,
        files.attempt_count,
        coalesce(files.records_read, 0) as records_read,
        coalesce(files.records_published, 0) as records_published,
        coalesce(files.records_rejected, 0) as records_rejected,
        coalesce(files.records_duplicate, 0) as records_duplicate,
        coalesce(files.records_deleted, 0) as records_deleted,
        coalesce(current_reviews.current_review_count, 0) as current_review_count,
        coalesce(current_products.current_product_count, 0) as current_product_count,
        coalesce(current_records_of_crm.current_crm_record_count, 0) as current_crm_record_count,
        coalesce(files.records_published, 0)
        - coalesce(current_reviews.current_review_count, 0)
        - coalesce(current_products.current_product_count, 0)
        - coalesce(current_records_of_crm.current_crm_record_count, 0) as superseded_review_count,
        coalesce(kept_rejections.kept_rejection_count, 0) as kept_rejection_count,
        files.seconds_waiting,
        files.seconds_received,
        files.seconds_processing,
        files.seconds_failed,
        files.seconds_to_outcome,
        files.status in ('FAILED', 'QUARANTINED', 'REJECTED') as needs_attention,
        files.execution_arn,
        files.batch_id,
        files.ingest_date
    from files
    left join current_reviews on files.file_id = current_reviews.file_id
    left join current_products on files.file_id = current_products.file_id
    left join current_records_of_crm on files.file_id = current_records_of_crm.file_id
    left join kept_rejections on files.file_id = kept_rejections.file_id

)

select * from final
