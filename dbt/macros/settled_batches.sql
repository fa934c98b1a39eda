{#-
    Query of the batches that the tests hold raw and core to: with an outcome, recent, and so old that Snowflake must have seen all
    of their files by now (`visibility_minutes`): each external table is refreshed by notifications of its own.
-#}
{% macro settled_batches() -%}
    select batch_id
    from {{ ref('dim_batches') }}
    where
        status in ('ARRIVING', 'RECORDED')
        and {{ recent_ingest_dates() }}
        and last_event_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())
{%- endmacro %}
