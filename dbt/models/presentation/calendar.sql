with

reviews as (

    select * from {{ ref('fct_reviews') }}

),

span as (

    select
        min(reviewed_on) as first_date,
        max(reviewed_on) as last_date
    from reviews

),

-- As many as a hundred years have: Snowflake's generator takes a constant only.
numbers as (

    select row_number() over (order by seq4()) - 1 as day_number
    from table(generator(rowcount => 36525))

),

dates as (

    select dateadd('day', numbers.day_number, span.first_date)::date as calendar_date
    from span
    inner join numbers on numbers.day_number <= datediff('day', span.first_date, span.last_date)

),

reviewed as (

    select
        reviewed_on,
        count(*) as review_count,
        count(distinct product_key) as product_count
    from reviews
    group by reviewed_on

),

final as (

    select
        dates.calendar_date,
        year(dates.calendar_date)::number(38, 0) as year_number,
        quarter(dates.calendar_date)::number(38, 0) as quarter_number,
        month(dates.calendar_date)::number(38, 0) as month_number,
        {{ month_of('dates.calendar_date') }} as month_starts_on,
        dateadd('day', 1 - dayofweekiso(dates.calendar_date), dates.calendar_date)::date as week_starts_on,
        dayofweekiso(dates.calendar_date)::number(38, 0) as weekday_number,
        dayofweekiso(dates.calendar_date) >= 6 as is_weekend,
        coalesce(reviewed.review_count, 0)::number(38, 0) as review_count,
        coalesce(reviewed.product_count, 0)::number(38, 0) as product_count
    from dates
    left join reviewed on dates.calendar_date = reviewed.reviewed_on

)

select * from final
