with

-- A person is an e-mail address, in whatever CRM it is; a customer without one is a person alone.
customers as (

    select
        *,
        coalesce(email_key, customer_key) as person_key
    from {{ ref('dim_customers') }}
    where not is_deleted

),

newest_customers as (

    select
        person_key,
        country,
        lifecycle_stage
    from customers
    qualify row_number() over (partition by person_key order by version_at desc, customer_key asc) = 1

),

people as (

    select
        person_key,
        count(*) as customer_count,
        min(created_at)::date as known_since
    from customers
    group by person_key

),

reviews as (

    select
        reviewers.email_key as person_key,
        reviews.*
    from {{ ref('fct_reviews') }} as reviews
    inner join {{ ref('dim_reviewers') }} as reviewers on reviews.reviewer_key = reviewers.reviewer_key
    where reviewers.email_key is not null

),

reviewed as (

    select
        person_key,
        count(distinct reviewer_key) as reviewer_count,
        {{ review_measures() }},
        min(rating) as lowest_rating,
        max(reviewed_on) as last_reviewed_on
    from reviews
    group by person_key

),

cases as (

    select
        coalesce(customers.person_key, cases.email_key) as person_key,
        cases.is_closed,
        cases.created_at,
        {{ seconds_between('cases.created_at', 'cases.closed_at') }} as seconds_to_close
    from {{ ref('fct_support_cases') }} as cases
    left join customers on cases.customer_key = customers.customer_key
    where not cases.is_deleted

),

supported as (

    select
        person_key,
        count(*) as case_count,
        count_if(not is_closed) as open_case_count,
        (avg(seconds_to_close) / 3600)::number(18, 3) as average_hours_to_close,
        max(created_at)::date as last_case_on
    from cases
    group by person_key

),

{{ pseudonym_key() }},

final as (

    select
        {{ pseudonym('people.person_key') }} as customer_key,
        people.customer_count,
        people.known_since,
        newest_customers.country,
        newest_customers.lifecycle_stage,
        coalesce(reviewed.reviewer_count, 0) as reviewer_count,
        coalesce(reviewed.review_count, 0) as review_count,
        coalesce(reviewed.rating_count, 0) as rating_count,
        reviewed.average_rating,
        reviewed.lowest_rating,
        reviewed.positive_share,
        reviewed.last_reviewed_on,
        coalesce(supported.case_count, 0) as case_count,
        coalesce(supported.open_case_count, 0) as open_case_count,
        supported.average_hours_to_close,
        supported.last_case_on
    from people
    cross join pseudonym_key
    inner join newest_customers on people.person_key = newest_customers.person_key
    left join reviewed on people.person_key = reviewed.person_key
    left join supported on people.person_key = supported.person_key

)

select * from final
