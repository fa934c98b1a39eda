with

reviews as (

    select
        *,
        coalesce({{ iso_language('language') }}, 'unknown') as language_code
    from {{ ref('fct_reviews') }}

),

grouped as (

    select
        source_name,
        language_code,
        count(distinct product_key) as product_count,
        count(distinct reviewer_key) as reviewer_count,
        {{ review_measures() }},
        avg(body_length)::number(18, 1) as average_body_length
    from reviews
    group by source_name, language_code

),

final as (

    select
        source_name,
        language_code,
        product_count,
        reviewer_count,
        review_count,
        (review_count / sum(review_count) over (partition by source_name))::number(9, 4) as share_of_source,
        rating_count,
        average_rating,
        positive_share,
        average_body_length
    from grouped

)

select * from final
