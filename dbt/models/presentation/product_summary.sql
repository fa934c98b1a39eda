with

products as (

    select * from {{ ref('dim_products') }}

),

reviews as (

    select * from {{ ref('fct_reviews') }}

),

-- Sources differ in their average rating, so a product's rating is drawn to the mean of its own source. Trends look back
-- from the source's newest review, not from today: a source without new reviews keeps its trends, and a run can be repeated.
sources as (

    select
        source_name,
        avg(rating) as mean_rating,
        max(reviewed_on) as newest_reviewed_on
    from reviews
    group by source_name

),

windowed as (

    select
        reviews.*,
        datediff('day', reviews.reviewed_on, sources.newest_reviewed_on) < {{ var('trend_days') }} as is_recent,
        datediff('day', reviews.reviewed_on, sources.newest_reviewed_on)
        between {{ var('trend_days') }} and {{ 2 * (var('trend_days') | int) - 1 }} as is_before
    from reviews
    inner join sources on reviews.source_name = sources.source_name

),

aggregated as (

    select
        product_key,
        count(*) as review_count,
        count(rating) as rating_count,
        sum(rating) as rating_sum,
        avg(rating) as average_rating,
        {{ share(is_positive()) }} as positive_share,
        count(is_recommended) as recommendation_count,
        count_if(is_recommended) as recommended_count,
        count(is_verified_purchase) as verification_known_count,
        count_if(is_verified_purchase) as verified_count,
        count(distinct reviewer_key) as reviewer_count,
        min(reviewed_on) as first_reviewed_on,
        max(reviewed_on) as last_reviewed_on,
        count_if(is_recent) as recent_review_count,
        count(iff(is_recent, rating, null)) as recent_rating_count,
        count(iff(is_before, rating, null)) as earlier_rating_count,
        avg(iff(is_recent, rating, null)) as recent_average_rating,
        avg(iff(is_before, rating, null)) as earlier_average_rating
    from windowed
    group by product_key

),

rated as (

    select
        products.product_key,
        products.source_name,
        products.product_id,
        products.product_title,
        products.parent_id,
        products.brand,
        products.top_category,
        products.price_amount,
        products.price_currency,
        coalesce(aggregated.review_count, 0) as review_count,
        coalesce(aggregated.rating_count, 0) as rating_count,
        aggregated.rating_sum,
        aggregated.average_rating,
        -- As if the product had some ratings of the source's mean already: few ratings say little. Without any, nothing is said.
        iff(
            aggregated.rating_count > 0,
            ({{ var('bayesian_prior_ratings') }} * sources.mean_rating + aggregated.rating_sum)
            / ({{ var('bayesian_prior_ratings') }} + aggregated.rating_count),
            null
        ) as bayesian_rating,
        aggregated.positive_share,
        aggregated.recommended_count / nullif(aggregated.recommendation_count, 0) as recommended_share,
        aggregated.verified_count / nullif(aggregated.verification_known_count, 0) as verified_share,
        coalesce(aggregated.reviewer_count, 0) as reviewer_count,
        aggregated.first_reviewed_on,
        aggregated.last_reviewed_on,
        coalesce(aggregated.recent_review_count, 0) as recent_review_count,
        coalesce(aggregated.recent_rating_count, 0) as recent_rating_count,
        coalesce(aggregated.earlier_rating_count, 0) as earlier_rating_count,
        aggregated.recent_average_rating,
        aggregated.earlier_average_rating,
        aggregated.recent_average_rating - aggregated.earlier_average_rating as rating_change
    from products
    left join aggregated on products.product_key = aggregated.product_key
    left join sources on products.source_name = sources.source_name

),

final as (

    select
        product_key,
        source_name,
        product_id,
        product_title,
        parent_id,
        brand,
        top_category,
        price_amount,
        price_currency,
        review_count,
        rating_count,
        rating_sum::number(18, 4) as rating_sum,
        average_rating::number(9, 4) as average_rating,
        bayesian_rating::number(9, 4) as bayesian_rating,
        positive_share,
        recommended_share::number(9, 4) as recommended_share,
        verified_share::number(9, 4) as verified_share,
        reviewer_count,
        first_reviewed_on,
        last_reviewed_on,
        recent_review_count,
        recent_rating_count,
        earlier_rating_count,
        recent_average_rating::number(9, 4) as recent_average_rating,
        earlier_average_rating::number(9, 4) as earlier_average_rating,
        rating_change::number(9, 4) as rating_change,
        case
            when
                rating_change is null
                or least(recent_rating_count, earlier_rating_count) < {{ var('trend_minimum_ratings') }}
                then 'unknown'
            when rating_change >= {{ var('trend_threshold') }} then 'rising'
            when rating_change <= -{{ var('trend_threshold') }} then 'falling'
            else 'steady'
        end as rating_trend
    from rated

)

select * from final
