with

versions as (

    select
        *,
        row_number() over (partition by review_key order by version_at) as version_number,
        count(*) over (partition by review_key) as version_count
    from {{ ref('fct_review_versions') }}

),

edited as (

    select
        review_key,
        min(source_name) as source_name,
        max(iff(version_number = version_count, product_key, null)) as product_key,
        count(*) as version_count,
        min(version_at) as first_version_at,
        max(version_at) as newest_version_at,
        max(iff(version_number = 1, rating, null)) as first_rating,
        max(iff(version_number = version_count, rating, null)) as newest_rating,
        count(distinct coalesce(text_hash, '')) > 1 as has_new_text
    from versions
    where version_count > 1
    group by review_key

),

{{ pseudonym_key() }},

final as (

    select
        {{ pseudonym('edited.review_key') }} as review_key,
        edited.source_name,
        edited.product_key,
        edited.version_count,
        edited.first_version_at,
        edited.newest_version_at,
        edited.first_rating,
        edited.newest_rating,
        (edited.newest_rating - edited.first_rating)::number(9, 4) as rating_change,
        edited.has_new_text
    from edited
    cross join pseudonym_key

)

select * from final
