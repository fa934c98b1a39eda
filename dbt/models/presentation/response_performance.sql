with

reviews as (

    select
        *,
        {{ month_of('reviewed_on') }} as reviewed_month,
        -- An answer before the review belongs to an earlier version of it, whose time the source does not tell.
        iff(
            first_responded_at >= created_at,
            {{ seconds_between('created_at', 'first_responded_at') }} / 3600,
            null
        ) as response_hours
    from {{ ref('fct_reviews') }}

),

final as (

    select
        source_name,
        reviewed_month,
        count(*) as review_count,
        count_if(response_count > 0) as answered_count,
        {{ share('response_count > 0') }} as answered_share,
        count_if({{ is_positive() }} = false) as negative_count,
        count_if({{ is_positive() }} = false and response_count > 0) as negative_answered_count,
        count(response_hours) as timed_count,
        (percentile_cont(0.5) within group (order by response_hours))::number(18, 3) as median_hours,
        (percentile_cont(0.9) within group (order by response_hours))::number(18, 3) as p90_hours,
        {{ share('response_hours <= 24') }} as within_a_day_share
    from reviews
    group by source_name, reviewed_month

)

select * from final
