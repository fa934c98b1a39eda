with

reviews as (

    select * from {{ ref('fct_reviews') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

described as (

    select
        reviews.*,
        coalesce(products.brand, 'unknown') as brand,
        coalesce(products.top_category, 'unknown') as category,
        {{ month_of('reviews.reviewed_on') }} as reviewed_month
    from reviews
    inner join products on reviews.product_key = products.product_key

),

final as (

    select
        source_name,
        brand,
        category,
        reviewed_month,
        count(distinct product_key) as product_count,
        {{ review_measures() }}
    from described
    group by source_name, brand, category, reviewed_month

)

select * from final
