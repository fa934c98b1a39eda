{{
    config(
        materialized='incremental',
        unique_key='product_key',
        pre_hook="{{ forget_undescribing('product_key', outranking='coalesce(from_catalogue, false)') }}"
    )
}}

with

products as (

    select * from {{ ref('stg_products') }}
    where ingest_date >= {{ first_ingest_date(described_by='product_key', outranking='coalesce(from_catalogue, false)') }}

),

{{ recorded_batches() }},

-- What a batch says of one counts as long as a review of that batch does: a deletion takes the last of them with it.
referring as (

    select distinct
        product_key,
        batch_id
    from {{ ref('fct_reviews') }}

),

incoming as (

    select
        products.product_key,
        products.source_name,
        products.product_id,
        products.parent_id,
        products.product_title,
        products.brand,
        products.categories[0]::varchar as top_category,
        products.price_amount,
        products.price_currency,
        products.product_url,
        products.last_seen_at,
        products.from_catalogue,
        products.file_id,
        products.record_number,
        products.ingested_at,
        products.ingest_date,
        products.batch_id
    from products
    inner join recorded_batches on products.batch_id = recorded_batches.batch_id
    left join referring
        on products.product_key = referring.product_key and products.batch_id = referring.batch_id
    where referring.batch_id is not null or products.from_catalogue

),

{{ newest_versions('product_key', outranking='coalesce(from_catalogue, false)') }}

select * from final
