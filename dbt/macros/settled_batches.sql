{#-
    Query of the batches that the tests hold raw and core to: recent, seen whole, and so old that no file of them is on its way
    (`visibility_minutes`). What is not seen whole by then is LATE: excluded, and told by `no_batch_is_late`.
-#}
{% macro settled_batches() -%}
    select batch_id
    from {{ ref('dim_batches') }}
    where
        status = 'RECORDED'
        and {{ recent_ingest_dates() }}
        and last_event_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())
{%- endmacro %}
