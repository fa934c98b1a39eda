with

reviews as (

    select
        *,
        case
            when is_verified_purchase then 'verified'
            when not is_verified_purchase then 'unverified'
            else 'unknown'
        end as verification
    from {{ ref('fct_reviews') }}

),

grouped as (

    select
        source_name,
        verification,
        {{ review_measures() }},
        coalesce(sum(helpful_votes), 0)::number(38, 0) as helpful_votes
    from reviews
    group by source_name, verification

),

final as (

    select
        source_name,
        verification,
        review_count,
        (review_count / sum(review_count) over (partition by source_name))::number(9, 4) as share_of_source,
        rating_count,
        average_rating,
        positive_share,
        helpful_votes
    from grouped

)

select * from final
