with

reviews as (

    select * from {{ ref('fct_reviews') }}

),

texts as (

    select * from {{ ref('stg_reviews') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

{{ pseudonym_key() }},

final as (

    select
        {{ pseudonym('reviews.review_key') }} as review_key,
        reviews.source_name,
        reviews.product_key,
        products.product_id,
        products.product_title,
        reviews.rating,
        reviews.is_recommended,
        reviews.language,
        texts.review_title,
        texts.review_body,
        reviews.created_at,
        reviews.version_at,
        reviews.ingest_date
    from reviews
    inner join texts
        on
            reviews.ingest_date = texts.ingest_date
            and reviews.batch_id = texts.batch_id
            and reviews.review_key = texts.review_key
    left join products on reviews.product_key = products.product_key
    cross join pseudonym_key

)

select * from final
