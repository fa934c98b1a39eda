{#-
    First ingest date that a run reads of raw, as a literal, since Snowflake prunes an external table's partitions by literals only:
    `lookback_days` before the newest one that is loaded, or the first of all. An incremental model's own table says what is loaded,
    unless another relation is given. The newest date of an empty table is null, which would always exclude every row, so there is a
    fallback.
-#}
{% macro first_ingest_date(loaded=none) -%}
    {%- set beginning = '1970-01-01' -%}
    {%- if execute and (loaded is not none or is_incremental()) -%}
        {%- set newest -%}
            select to_varchar(dateadd('day', -{{ var('lookback_days') }}, max(ingest_date)), 'YYYY-MM-DD')
            from {{ this if loaded is none else loaded }}
        {%- endset -%}
        {%- set found = run_query(newest).columns[0].values()[0] -%}
    {%- endif -%}
    '{{ found or beginning }}'::date
{%- endmacro %}
