{{
    config(
        materialized='incremental',
        unique_key='batch_id'
    )
}}
{%- set first_ingest_date = first_ingest_date_of_compaction_news() %}

with

news as (

    {{ compaction_news() }}

),

expected as (

    select
        announced.compaction_id,
        {%- for table in tables_of_a_batch() %}
        -- A compaction of before there was the table says nothing of it.
        coalesce(sum(get(parse_json(announced.compacted_rows), '{{ table }}')::number(38, 0)), 0) as {{ table }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('stg_compactions') }} as announced
    where
        announced.ingest_date >= {{ first_ingest_date }}
        and announced.compaction_id in (select news.compaction_id from news)
    group by announced.compaction_id

),

-- By the folder that the files are in: staging shows the rows of a compaction only once it is in force.
seen_by_table as (
    {%- for table in tables_of_a_batch() %}

    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        batch_id as compaction_id,
        '{{ table }}' as table_name,
        count(*) as row_count
    from {{ source('raw', table) }}
    where ingest_date >= {{ first_ingest_date }} and original_batch_id is not null
    group by batch_id
    {%- endfor %}

),

seen as (

    select
        compaction_id,
        {%- for table in tables_of_a_batch() %}
        sum(iff(table_name = '{{ table }}', row_count, 0)) as {{ table }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from seen_by_table
    group by compaction_id

),

-- Each external table is refreshed by notifications of its own: until all rows of a compaction are seen, its batches keep their
-- own files.
seen_whole as (

    select expected.compaction_id
    from expected
    left join seen on expected.compaction_id = seen.compaction_id
    where
        {%- for table in tables_of_a_batch() %}
        expected.{{ table }} = coalesce(seen.{{ table }}, 0)
        and {% endfor -%}
        expected.compaction_id is not null

),

final as (

    select
        news.batch_id,
        news.compaction_id,
        news.compacted_at,
        news.ingest_date
    from news
    inner join seen_whole on news.compaction_id = seen_whole.compaction_id
    qualify
        row_number() over (
            partition by news.batch_id
            order by news.compacted_at desc, news.compaction_id desc
        ) = 1

)

select * from final
