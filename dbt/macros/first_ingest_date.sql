{#-
    First ingest date that a run reads of raw, as a literal, since Snowflake prunes an external table's partitions by literals only:
    `lookback_days` before the newest one that is loaded, or the first of all. The newest date of an empty table is null, which would
    always exclude every row, so there is a fallback. Further back goes, for its own sake,
    - fct_file_events: to files that Snowflake registered since its last successful run, however late they are;
    - dim_batches: to batches that are not seen whole yet, in the last `audit_days`, and to those it does not know;
    - every other model: to batches that were seen whole late, for `lookback_days` after that; and to the first of all where it holds
      rows of a batch that was replaced, since the version before them may be anywhere;
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
                {% if this.name == 'fct_file_events' %}
                union all
                {{ first_ingest_date_registered_since(this.name) }}
                {% elif this.name == 'dim_batches' %}
                union all
                select min(ingest_date)
                from {{ this }}
                where status in ('RUNNING', 'ARRIVING', 'LATE') and {{ recent_ingest_dates() }}
                union all
                select min(ingest_date)
                from {{ ref('fct_file_events') }}
                where batch_id not in (select known.batch_id from {{ this }} as known)
                {% elif batches %}
                union all
                select min(ingest_date)
                from {{ batches }}
                where healed_at >= dateadd('day', -{{ var('lookback_days') }}, sysdate())
                union all
                select min(iff(batch_id in ({{ replaced_batches() }}), '{{ beginning }}'::date, null))
                from {{ this }}
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


{#-
    Query of the first ingest date of the files of file events that Snowflake has registered since the last successful run of a model began.
    It asks the table's metadata and opens no file ("EXTERNAL_TABLE_FILES", Snowflake SQL reference).
-#}
{% macro first_ingest_date_registered_since(model_name) -%}
    {%- set table = source('raw', 'file_events') -%}
    select min(to_date(split_part(split_part(file_name, 'ingest_date=', 2), '/', 1)))
    from table({{ table.database }}.information_schema.external_table_files(table_name => '{{ table }}'))
    where
        registered_on::timestamp_ntz >= coalesce(
            (
                select max(started_at)
                from {{ source('dbt', 'dbt_results') }}
                where node_name = '{{ model_name }}' and status = 'success'
            ),
            '1970-01-01'::timestamp_ntz
        )
{%- endmacro %}
