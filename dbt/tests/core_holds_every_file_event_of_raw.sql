{{ config(tags=['audit']) }}

-- Every event that raw holds is in core, however late Snowflake saw it. Where core has lost one, nothing after it is built:
-- run once with a lookback_days that reaches back to its ingest date.
with

in_raw as (

    select
        event_id,
        batch_id,
        occurred_at
    from {{ ref('stg_file_events') }}
    where
        {{ recent_ingest_dates() }}
        and occurred_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())

),

in_core as (

    select event_id from {{ ref('fct_file_events') }}

)

select in_raw.*
from in_raw
left join in_core on in_raw.event_id = in_core.event_id
where in_core.event_id is null
