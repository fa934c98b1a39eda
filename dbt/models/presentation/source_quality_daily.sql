with

files as (

    select
        *,
        -- A file that no source contract recognises has no source.
        coalesce(source_name, 'unknown') as known_source_name,
        arrived_at::date as arrived_on
    from {{ ref('dim_files') }}

),

rejected_records as (

    select * from {{ ref('fct_rejected_records') }}

),

file_figures as (

    select
        known_source_name as source_name,
        arrived_on,
        count(*) as file_count,
        {% for status in ['PUBLISHED', 'EMPTY', 'QUARANTINED', 'REJECTED', 'FAILED', 'DUPLICATE', 'ERASED'] -%}
        count_if(status = '{{ status }}') as {{ status | lower }}_file_count,
        {% endfor -%}
        count_if(not is_final) as unfinished_file_count,
        coalesce(sum(size_bytes), 0)::number(38, 0) as size_bytes,
        coalesce(sum(records_read), 0)::number(38, 0) as records_read,
        coalesce(sum(records_published), 0)::number(38, 0) as records_published,
        coalesce(sum(records_rejected), 0)::number(38, 0) as records_rejected,
        coalesce(sum(records_duplicate), 0)::number(38, 0) as records_duplicate,
        coalesce(sum(records_deleted), 0)::number(38, 0) as records_deleted,
        avg(iff(status = 'PUBLISHED', seconds_to_outcome, null)) as average_latency_seconds,
        percentile_cont(0.95) within group (
            order by iff(status = 'PUBLISHED', seconds_to_outcome, null)
        ) as p95_latency_seconds,
        max(iff(status = 'PUBLISHED', seconds_to_outcome, null)) as greatest_latency_seconds
    from files
    group by known_source_name, arrived_on

),

rejection_figures as (

    select
        files.known_source_name as source_name,
        files.arrived_on,
        {%- for reason in record_reasons() %}
        count_if(rejected_records.reason = '{{ reason }}') as rejected_{{ reason | lower }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from rejected_records
    inner join files on rejected_records.file_id = files.file_id
    group by files.known_source_name, files.arrived_on

),

final as (

    select
        file_figures.source_name,
        file_figures.arrived_on,
        file_figures.file_count,
        file_figures.published_file_count,
        file_figures.empty_file_count,
        file_figures.quarantined_file_count,
        file_figures.rejected_file_count,
        file_figures.failed_file_count,
        file_figures.duplicate_file_count,
        file_figures.erased_file_count,
        file_figures.unfinished_file_count,
        file_figures.size_bytes,
        file_figures.records_read,
        file_figures.records_published,
        file_figures.records_rejected,
        file_figures.records_duplicate,
        file_figures.records_deleted,
        (file_figures.records_rejected / nullif(file_figures.records_read, 0))::number(9, 4) as rejected_share,
        {% for reason in record_reasons() -%}
        coalesce(rejection_figures.rejected_{{ reason | lower }}, 0) as rejected_{{ reason | lower }},
        {% endfor -%}
        file_figures.average_latency_seconds::number(18, 3) as average_latency_seconds,
        file_figures.p95_latency_seconds::number(18, 3) as p95_latency_seconds,
        file_figures.greatest_latency_seconds::number(18, 3) as greatest_latency_seconds
    from file_figures
    left join rejection_figures
        on
            file_figures.source_name = rejection_figures.source_name
            and file_figures.arrived_on = rejection_figures.arrived_on

)

select * from final
