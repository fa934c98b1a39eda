with

products as (

    select
        *,
        coalesce(top_category, 'unknown') as category
    from {{ ref('product_summary') }}
    where review_count > 0

),

-- Figures of a category weigh its products by their reviews: an analyst compares a product with a review of its category.
categories as (

    select
        source_name,
        category,
        count(*) as category_product_count,
        sum(review_count)::number(38, 0) as category_review_count,
        (sum(rating_sum) / nullif(sum(rating_count), 0))::number(9, 4) as category_average_rating
    from products
    group by source_name, category

),

final as (

    select
        products.product_key,
        products.source_name,
        products.category,
        products.review_count,
        products.average_rating,
        products.bayesian_rating,
        products.positive_share,
        categories.category_product_count,
        categories.category_review_count,
        (products.review_count / categories.category_review_count)::number(9, 4) as category_review_share,
        categories.category_average_rating,
        (products.average_rating - categories.category_average_rating)::number(9, 4) as rating_difference,
        rank() over (
            partition by products.source_name, products.category
            order by products.review_count desc
        ) as review_count_rank,
        iff(
            products.bayesian_rating is null,
            null,
            rank() over (
                partition by products.source_name, products.category
                order by products.bayesian_rating desc nulls last
            )
        ) as rating_rank
    from products
    inner join categories
        on products.source_name = categories.source_name and products.category = categories.category

)

select * from final
