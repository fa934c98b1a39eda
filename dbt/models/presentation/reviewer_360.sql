with

reviewers as (

    select * from {{ ref('dim_reviewers') }}

),

reviews as (

    select
        *,
        -- Of the same text the reviews are counted together; short texts are alike by chance and have no fingerprint.
        count(text_fingerprint) over (partition by reviewer_key, text_fingerprint) as own_text_count,
        count(text_fingerprint) over (partition by text_fingerprint) as text_count
    from {{ ref('fct_reviews') }}
    where reviewer_key is not null

),

days as (

    select
        reviewer_key,
        reviewed_on,
        count(*) as review_count
    from reviews
    group by reviewer_key, reviewed_on

),

bursts as (

    select
        reviewer_key,
        max(review_count) as greatest_day_count,
        count_if(review_count >= {{ var('burst_reviews') }}) as burst_day_count
    from days
    group by reviewer_key

),

stars as (

    select
        reviewer_key,
        rating,
        count(*) as rating_count
    from reviews
    where rating is not null
    group by reviewer_key, rating

),

habits as (

    select
        reviewer_key,
        max(rating_count) as most_frequent_rating_count
    from stars
    group by reviewer_key

),

{{ pseudonym_key() }},

aggregated as (

    select
        reviewer_key,
        {{ review_measures() }},
        count(distinct product_key) as product_count,
        count_if(rating in (1, 5)) as extreme_rating_count,
        count_if(own_text_count > 1) as repeated_text_count,
        count_if(text_count > own_text_count) as shared_text_count,
        min(reviewed_on) as first_reviewed_on,
        max(reviewed_on) as last_reviewed_on
    from reviews
    group by reviewer_key

),

final as (

    select
        {{ pseudonym('reviewers.reviewer_key') }} as reviewer_key,
        reviewers.source_name,
        reviewers.country,
        coalesce(aggregated.review_count, 0) as review_count,
        coalesce(aggregated.product_count, 0) as product_count,
        coalesce(aggregated.rating_count, 0) as rating_count,
        aggregated.average_rating,
        aggregated.positive_share,
        aggregated.first_reviewed_on,
        aggregated.last_reviewed_on,
        coalesce(bursts.greatest_day_count, 0) as greatest_day_count,
        coalesce(bursts.burst_day_count, 0) as burst_day_count,
        (aggregated.extreme_rating_count / nullif(aggregated.rating_count, 0))::number(9, 4) as extreme_share,
        (habits.most_frequent_rating_count / nullif(aggregated.rating_count, 0))::number(9, 4) as most_frequent_rating_share,
        coalesce(
            aggregated.rating_count >= {{ var('one_sided_minimum_ratings') }}
            and habits.most_frequent_rating_count = aggregated.rating_count,
            false
        ) as is_one_sided,
        coalesce(aggregated.repeated_text_count, 0) as repeated_text_count,
        coalesce(aggregated.shared_text_count, 0) as shared_text_count
    from reviewers
    cross join pseudonym_key
    left join aggregated on reviewers.reviewer_key = aggregated.reviewer_key
    left join bursts on reviewers.reviewer_key = bursts.reviewer_key
    left join habits on reviewers.reviewer_key = habits.reviewer_key

)

select * from final
