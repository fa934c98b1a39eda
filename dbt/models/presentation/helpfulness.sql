with

reviews as (

    select
        *,
        case
            when rating is not null then to_varchar(floor(rating)::number(38, 0))
            when is_recommended then 'up'
            when not is_recommended then 'down'
            else 'none'
        end as verdict
    from {{ ref('fct_reviews') }}

),

final as (

    select
        source_name,
        verdict,
        count(*) as review_count,
        count_if(helpful_votes > 0) as voted_count,
        coalesce(sum(helpful_votes), 0)::number(38, 0) as helpful_votes,
        avg(helpful_votes)::number(18, 4) as average_helpful_votes,
        -- Only where the source gives both numbers: otherwise numerator and denominator would count different votes.
        (
            sum(iff(total_votes >= helpful_votes, helpful_votes, null))
            / nullif(sum(iff(total_votes >= helpful_votes, total_votes, null)), 0)
        )::number(9, 4) as helpful_share,
        avg(body_length)::number(18, 1) as average_body_length,
        avg(iff(helpful_votes > 0, body_length, null))::number(18, 1) as average_voted_body_length,
        {{ share('media_count > 0') }} as with_media_share
    from reviews
    group by source_name, verdict

)

select * from final
