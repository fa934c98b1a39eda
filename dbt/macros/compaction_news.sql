{#-
    Query of the announcements of compactions that are newer, for a batch, than what is in force by `this` model. Those of longer ago
    than `audit_days` a full refresh finds.
-#}
{% macro compaction_news() -%}
select
        announced.compacted_batch_id as batch_id,
        announced.compaction_id,
        announced.compacted_at,
        announced.ingest_date
    from {{ ref('stg_compactions') }} as announced
    {%- if is_incremental() %}
    left join {{ this }} as loaded on announced.compacted_batch_id = loaded.batch_id
    where
        {{ recent_ingest_dates('announced.ingest_date') }}
        and (loaded.batch_id is null or loaded.compacted_at < announced.compacted_at)
    {%- endif %}
{%- endmacro %}


{#- Their first ingest date, a literal, by which Snowflake prunes partitions. Without news it lies beyond all: no file is opened. -#}
{% macro first_ingest_date_of_compaction_news() -%}
    {%- if execute and is_incremental() -%}
        {%- set query = "select to_varchar(min(ingest_date), 'YYYY-MM-DD') from (" ~ compaction_news() ~ ") as news" -%}
        '{{ run_query(query).columns[0].values()[0] or '9999-12-31' }}'::date
    {%- else -%}
        '1970-01-01'::date
    {%- endif -%}
{%- endmacro %}
