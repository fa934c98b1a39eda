{#-
    First ingest date that this run of an incremental model reads: `lookback_days` before the newest one it holds, or the first of all.
    It is looked up beforehand and put in as a literal, since Snowflake prunes an external table's partitions by literals only.
    The newest date of an empty table is null, which would exclude every row for ever: hence the fallback.
-#}
{% macro first_ingest_date() -%}
    {%- set beginning = '1970-01-01' -%}
    {%- if execute and is_incremental() -%}
        {%- set newest -%}
            select to_varchar(dateadd('day', -{{ var('lookback_days') }}, max(ingest_date)), 'YYYY-MM-DD') from {{ this }}
        {%- endset -%}
        {%- set found = run_query(newest).columns[0].values()[0] -%}
    {%- endif -%}
    '{{ found or beginning }}'::date
{%- endmacro %}
