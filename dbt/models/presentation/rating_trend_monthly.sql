{%- set months_before = [(var('rolling_months') | int) - 1, 0] | max %}

with

days as (

    select * from {{ ref('product_daily') }}

),

months as (

    select
        product_key,
        {{ month_of('reviewed_on') }} as reviewed_month,
        -- Months in a row, so that a window spans months without reviews, too.
        year(reviewed_on) * 12 + month(reviewed_on) as month_index,
        min(source_name) as source_name,
        sum(review_count) as review_count,
        sum(rating_count) as rating_count,
        sum(rating_sum) as rating_sum
    from days
    group by product_key, reviewed_month, month_index

),

rolling as (

    select
        *,
        sum(review_count) over (
            partition by product_key order by month_index
            range between {{ months_before }} preceding and current row
        ) as rolling_review_count,
        sum(rating_count) over (
            partition by product_key order by month_index
            range between {{ months_before }} preceding and current row
        ) as rolling_rating_count,
        sum(rating_sum) over (
            partition by product_key order by month_index
            range between {{ months_before }} preceding and current row
        ) as rolling_rating_sum
    from months

),

final as (

    select
        product_key,
        source_name,
        reviewed_month,
        review_count::number(38, 0) as review_count,
        rating_count::number(38, 0) as rating_count,
        (rating_sum / nullif(rating_count, 0))::number(9, 4) as average_rating,
        rolling_review_count::number(38, 0) as rolling_review_count,
        rolling_rating_count::number(38, 0) as rolling_rating_count,
        (rolling_rating_sum / nullif(rolling_rating_count, 0))::number(9, 4) as rolling_average_rating,
        rolling_rating_count >= {{ var('trend_minimum_ratings') }} as is_sample_sufficient
    from rolling

)

select * from final
