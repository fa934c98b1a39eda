with

reviews as (

    select * from {{ ref('fct_reviews') }}

),

final as (

    select
        product_key,
        reviewed_on,
        min(source_name) as source_name,
        count(*) as review_count,
        count(rating) as rating_count,
        sum(rating)::number(18, 4) as rating_sum,
        avg(rating)::number(9, 4) as average_rating,
        -- Halves count for the star below.
        {% for stars in range(1, 6) -%}
        count_if(floor(rating) = {{ stars }}) as rating_{{ stars }}_count,
        {% endfor -%}
        count({{ is_positive() }}) as opinion_count,
        count_if({{ is_positive() }}) as positive_count,
        count_if(is_recommended) as recommended_count,
        count_if(not is_recommended) as not_recommended_count,
        count_if(is_verified_purchase) as verified_count,
        count(is_verified_purchase) as verification_known_count,
        coalesce(sum(helpful_votes), 0)::number(38, 0) as helpful_votes,
        count_if(response_count > 0) as answered_count,
        count_if(media_count > 0) as with_media_count
    from reviews
    group by product_key, reviewed_on

)

select * from final
