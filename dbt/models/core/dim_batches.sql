{{
    config(
        materialized='incremental',
        unique_key='batch_id'
    )
}}
{%- set first_ingest_date = first_ingest_date() %}

with

all_file_events as (

    select * from {{ ref('fct_file_events') }}

),

-- From its own outcome on, a batch that processed the same files again stands in the place of the earlier one, however old.
replaced_batches as (

    select distinct outcomes.replaces_batch_id as batch_id
    from all_file_events as outcomes
    left join all_file_events as failures
        on
            outcomes.batch_id = failures.batch_id
            and failures.status = 'FAILED'
            and failures.reason is distinct from 'FILE_FAILED'
    where
        outcomes.ingest_date >= {{ first_ingest_date }}
        and outcomes.replaces_batch_id is not null
        -- Of what was erased nothing was read again.
        and (outcomes.records_read is not null or outcomes.status = 'ERASED')
        and failures.batch_id is null

),

file_events as (

    select * from all_file_events
    where
        ingest_date >= {{ first_ingest_date }}
        or batch_id in (select replaced_batches.batch_id from replaced_batches)

),

aggregated as (

    select
        batch_id,
        min(ingest_date) as ingest_date,
        min(execution_arn) as execution_arn,
        min(occurred_at) as started_at,
        max(occurred_at) as last_event_at,
        count(distinct file_id) as file_count,
        count(distinct iff(status = 'PROCESSING', file_id, null)) as processed_file_count,
        -- A file that failed alone takes nothing of the others with it, and nothing of it is published.
        count(distinct iff(status = 'FAILED' and reason is distinct from 'FILE_FAILED', file_id, null)) as failed_file_count,
        count(distinct iff(records_read is not null, file_id, null)) as recorded_file_count,
        coalesce(sum(records_read), 0)::number(38, 0) as records_read,
        coalesce(sum(records_published), 0)::number(38, 0) as records_published,
        coalesce(sum(records_rejected), 0)::number(38, 0) as records_rejected,
        coalesce(sum(records_duplicate), 0)::number(38, 0) as records_duplicate,
        coalesce(sum(records_deleted), 0)::number(38, 0) as records_deleted,
        parse_json(max(batch_rows)) as batch_rows
    from file_events
    group by batch_id

),

-- Each external table is refreshed by notifications of its own: an outcome may be seen before the rows that it reports. A file
-- that Snowflake cannot read is left out silently, and after a batch was written again its old files may show beside new ones.
seen_by_table as (
    {%- for table in tables_of_a_batch() %}

    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        batch_id,
        '{{ table }}' as table_name,
        count(*) as row_count
    from {{ ref('stg_' ~ table) }}
    where ingest_date >= {{ first_ingest_date }}
    group by batch_id
    {%- endfor %}

    -- A published record of a catalogue is one product, described by that record.
    union all
    select
        batch_id,
        'catalogue' as table_name,
        count(*) as row_count
    from {{ ref('stg_products') }}
    where ingest_date >= {{ first_ingest_date }} and from_catalogue
    group by batch_id

),

seen as (

    select
        batch_id,
        {%- for table in tables_of_a_batch() + ['catalogue'] %}
        sum(iff(table_name = '{{ table }}', row_count, 0)) as {{ table }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from seen_by_table
    group by batch_id

),

compared as (

    select
        aggregated.*,
        -- Where an outcome says nothing of a table, as outcomes before deletions were known, there is nothing to compare.
        {%- for table in tables_of_a_batch() %}
        coalesce(get(aggregated.batch_rows, '{{ table }}')::number(38, 0), seen.{{ table }}, 0) = coalesce(seen.{{ table }}, 0)
        and {% endfor -%}
        aggregated.records_published
        = coalesce(seen.reviews, 0)
        + coalesce(seen.catalogue, 0)
        + coalesce(seen.customers, 0)
        + coalesce(seen.support_cases, 0)
        and aggregated.records_rejected = coalesce(seen.rejected_records, 0)
        and aggregated.records_deleted = coalesce(seen.deleted_reviews, 0)
        and aggregated.processed_file_count >= aggregated.recorded_file_count as is_seen,
        replaced_batches.batch_id is not null as is_replaced
    from aggregated
    left join seen on aggregated.batch_id = seen.batch_id
    left join replaced_batches on aggregated.batch_id = replaced_batches.batch_id

),

stated as (

    select
        *,
        case
            when failed_file_count > 0 then 'FAILED'
            when is_replaced then 'REPLACED'
            when recorded_file_count > 0 and is_seen then 'RECORDED'
            when recorded_file_count > 0 and last_event_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())
                then 'LATE'
            when recorded_file_count > 0 then 'ARRIVING'
            when processed_file_count > 0 then 'RUNNING'
            else 'NOTHING_TO_READ'
        end as status
    from compared

),

final as (

    select
        stated.batch_id,
        stated.ingest_date,
        stated.execution_arn,
        stated.status,
        stated.started_at,
        stated.last_event_at,
        {% if is_incremental() -%}
        iff(
            stated.status = 'RECORDED'
            and (
                loaded.status = 'LATE'
                or loaded.status is distinct from 'RECORDED'
                and stated.ingest_date < dateadd('day', -{{ var('lookback_days') }}, newest.ingest_date)
            ),
            sysdate(),
            loaded.healed_at
        )::timestamp_ntz as healed_at,
        {% else -%}
        null::timestamp_ntz as healed_at,
        {% endif -%}
        stated.file_count,
        stated.records_read,
        stated.records_published,
        stated.records_rejected,
        stated.records_duplicate,
        stated.records_deleted
    from stated
    {% if is_incremental() -%}
    left join {{ this }} as loaded on stated.batch_id = loaded.batch_id
    cross join (select max(ingest_date) as ingest_date from {{ this }}) as newest
    {%- endif %}

)

select * from final
