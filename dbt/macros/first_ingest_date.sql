{#-
    First ingest date that a run reads of raw, as a literal, since Snowflake prunes an external table's partitions by literals only:
    `lookback_days` before the newest one that is loaded, or the first of all. The newest date of an empty table is null, which would
    always exclude every row, so there is a fallback. Further back goes, for its own sake,
    - dim_batches: to batches that are not seen whole yet, in the last `audit_days`;
    - every other model: to batches that were seen whole late, for `lookback_days` after that;
    - a model whose rows describe what reviews refer to (`described_by`, its key): to reviews whose description is missing here, unless
      something that outranks reviews describes it (`outranking`, an expression over the row).
-#}
{% macro first_ingest_date(described_by=none, outranking='false') -%}
    {%- set beginning = '1970-01-01' -%}
    {%- set batches = none if this.name in ['fct_file_events', 'dim_batches'] else ref('dim_batches') -%}
    {%- if execute and is_incremental() -%}
        {%- set first -%}
            select to_varchar(min(first_of.ingest_date), 'YYYY-MM-DD')
            from (
                select dateadd('day', -{{ var('lookback_days') }}, max(ingest_date)) as ingest_date
                from {{ this }}
                {% if this.name == 'dim_batches' %}
                union all
                select min(ingest_date)
                from {{ this }}
                where status in ('RUNNING', 'ARRIVING', 'LATE') and {{ recent_ingest_dates() }}
                {% elif batches %}
                union all
                select min(ingest_date)
                from {{ batches }}
                where healed_at >= dateadd('day', -{{ var('lookback_days') }}, sysdate())
                {% endif %}
                {% if described_by %}
                union all
                select min(reviews.ingest_date)
                from {{ ref('fct_reviews') }} as reviews
                where
                    reviews.{{ described_by }} is not null
                    and reviews.{{ described_by }} not in (
                        select described.{{ described_by }}
                        from {{ this }} as described
                        left join {{ ref('fct_reviews') }} as referring
                            on
                                described.{{ described_by }} = referring.{{ described_by }}
                                and described.batch_id = referring.batch_id
                        where referring.batch_id is not null or {{ outranking }}
                    )
                {% endif %}
            ) as first_of
        {%- endset -%}
        {%- set found = run_query(first).columns[0].values()[0] -%}
    {%- endif -%}
    '{{ found or beginning }}'::date
{%- endmacro %}
