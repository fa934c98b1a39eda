{#-
    Query of the batches that the tests hold raw against: recorded, recent, and so long ago that Snowflake must have seen all of their
    files (`visibility_minutes`): each external table is refreshed by notifications of its own.
-#}
{% macro settled_batches() -%}
    select batch_id
    from {{ ref('dim_batches') }}
    where
        status = 'RECORDED'
        and {{ recent_ingest_dates() }}
        and last_event_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())
{%- endmacro %}
