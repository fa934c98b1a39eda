{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='product_key',
        on_schema_change='append_new_columns'
    )
}}

with

products as (

    select * from {{ ref('stg_products') }}
    where ingest_date >= {{ first_ingest_date() }}

),

recorded_batches as (

    select batch_id from {{ ref('dim_batches') }}
    where status = 'RECORDED'

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
        products.file_id,
        products.record_number,
        products.ingested_at,
        products.ingest_date,
        products.batch_id
    from products
    inner join recorded_batches on products.batch_id = recorded_batches.batch_id

),

versions as (

    select
        product_key,
        last_seen_at,
        ingested_at,
        batch_id,
        false as is_loaded
    from incoming

    {% if is_incremental() %}
    union all

    select
        product_key,
        last_seen_at,
        ingested_at,
        batch_id,
        true as is_loaded
    from {{ this }}
    where product_key in (select incoming.product_key from incoming)
    {% endif %}

),

-- The description by the newest review wins; of equally new ones the one that was ingested last, and what is loaded already.
newest as (

    select *
    from versions
    qualify
        row_number() over (
            partition by product_key
            order by last_seen_at desc, ingested_at desc, batch_id desc, is_loaded desc
        ) = 1

),

final as (

    select incoming.*
    from incoming
    inner join newest
        on incoming.product_key = newest.product_key and incoming.batch_id = newest.batch_id
    where not newest.is_loaded

)

select * from final
