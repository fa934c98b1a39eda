with

reviewers as (

    select * from {{ ref('dim_reviewers') }}

),

reviews as (

    select * from {{ ref('fct_reviews') }}
    where reviewer_key is not null

),

{{ pseudonym_key() }},

aggregated as (

    select
        reviewer_key,
        count(*) as review_count,
        count(distinct product_key) as product_count,
        count(distinct reviewed_on) as active_day_count,
        count(rating) as rating_count,
        avg(rating) as average_rating,
        stddev_pop(rating) as rating_deviation,
        count_if(is_verified_purchase) / nullif(count(is_verified_purchase), 0) as verified_share,
        coalesce(sum(helpful_votes), 0)::number(38, 0) as helpful_votes,
        min(reviewed_on) as first_reviewed_on,
        max(reviewed_on) as last_reviewed_on
    from reviews
    group by reviewer_key

),

final as (

    select
        {{ pseudonym('reviewers.reviewer_key') }} as reviewer_key,
        reviewers.source_name,
        coalesce(aggregated.review_count, 0) as review_count,
        coalesce(aggregated.product_count, 0) as product_count,
        coalesce(aggregated.active_day_count, 0) as active_day_count,
        coalesce(aggregated.rating_count, 0) as rating_count,
        aggregated.average_rating::number(9, 4) as average_rating,
        aggregated.rating_deviation::number(9, 4) as rating_deviation,
        aggregated.verified_share::number(9, 4) as verified_share,
        coalesce(aggregated.helpful_votes, 0) as helpful_votes,
        aggregated.first_reviewed_on,
        aggregated.last_reviewed_on
    from reviewers
    cross join pseudonym_key
    left join aggregated on reviewers.reviewer_key = aggregated.reviewer_key

)

select * from final
