{#- Table that keeps what each run of dbt did; made before the models, since one of them reads it. -#}
{% macro create_results_table() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'retry') -%}
        create table if not exists {{ source('dbt', 'dbt_results') }} (
            invocation_id varchar,
            node_kind varchar,
            node_name varchar,
            model_name varchar,
            schema_name varchar,
            status varchar,
            failure_count number(38, 0),
            seconds number(18, 3),
            started_at timestamp_ntz,
            ended_at timestamp_ntz
        )
    {%- endif -%}
{%- endmacro %}


{#- A model that a run has built; none if it has not. Not ref(): a hook may name a model only where no condition is around it. -#}
{% macro built_relation(results, name) -%}
    {%- for result in results if result.node.name == name and result.status == 'success' -%}
        {{ return(api.Relation.create(database=result.node.database, schema=result.node.schema, identifier=result.node.alias)) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{#-
    Keeps the result of every model and test of a run, and the batches that it was the first to count, of which `seconds` are those since
    their last event. Not dbt's messages, which may quote rows.
-#}
{% macro record_results(results) -%}
    {%- set kept = [] -%}
    {%- for result in results if result.node.resource_type in ('model', 'test') -%}
        {%- do kept.append(result) -%}
    {%- endfor -%}
    {%- if execute and kept and flags.WHICH in ('build', 'run', 'test', 'retry') -%}
        {#- The length by the clock that started the run, the times by Snowflake's: a difference between the two moves nothing. -#}
        {%- set elapsed = modules.datetime.datetime.now(run_started_at.tzinfo) - run_started_at -%}
        insert into {{ source('dbt', 'dbt_results') }} (
            invocation_id, node_kind, node_name, model_name, schema_name, status, failure_count, seconds, started_at, ended_at
        )
        select
            '{{ invocation_id }}',
            column1,
            column2,
            column3,
            column4,
            column5,
            column6,
            column7,
            dateadd('millisecond', -{{ (elapsed.total_seconds() * 1000) | round(0, 'ceil') | int }}, sysdate()),
            sysdate()
        from values
        {%- for result in kept %}
            {%- set node = result.node %}
            {%- set model = graph.nodes.get(node.attached_node, node) %}
            (
                '{{ node.resource_type }}', '{{ node.name }}', '{{ model.name }}', '{{ model.schema }}',
                '{{ result.status }}', {{ result.failures if result.failures is not none else 'null' }},
                {{ result.execution_time | round(3) }}
            ){{ ',' if not loop.last }}
        {%- endfor %}
        {%- set batches = built_relation(results, 'dim_batches') %}
        {%- if batches %}
        union all
        select
            '{{ invocation_id }}',
            'batch',
            batches.batch_id,
            'dim_batches',
            'CORE',
            'success',
            null,
            -- Where no run has kept batches yet, those from before the last run were counted by some run before: nobody knows when.
            iff(
                earlier.has_batches or batches.last_event_at >= coalesce(earlier.last_built_at, batches.last_event_at),
                {{ seconds_between('batches.last_event_at', 'sysdate()') }},
                null
            ),
            batches.last_event_at,
            sysdate()
        from {{ batches }} as batches
        cross join (
            select
                count_if(node_kind = 'batch') > 0 as has_batches,
                max(iff(node_name = 'dim_batches' and status = 'success', started_at, null)) as last_built_at
            from {{ source('dbt', 'dbt_results') }}
        ) as earlier
        where
            batches.status = 'RECORDED'
            and batches.batch_id not in (
                select results.node_name from {{ source('dbt', 'dbt_results') }} as results
                where results.node_kind = 'batch'
            )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}


{#-
    Prints how long the files of the batches that the run was the first to count took from their arrival until they could be queried: one
    line, by source, which the DAG makes a metric of.
-#}
{% macro tell_arrivals(results) -%}
    {%- set files = built_relation(results, 'dim_files') if execute else none -%}
    {%- if files and built_relation(results, 'dim_batches') -%}
        {%- set query -%}
            select
                coalesce(files.source_name, 'unknown') as source_name,
                count(*) as file_count,
                sum({{ seconds_between('files.arrived_at', 'counted.ended_at') }}) as total_seconds,
                min({{ seconds_between('files.arrived_at', 'counted.ended_at') }}) as least_seconds,
                max({{ seconds_between('files.arrived_at', 'counted.ended_at') }}) as greatest_seconds
            from {{ files }} as files
            inner join {{ source('dbt', 'dbt_results') }} as counted
                on files.batch_id = counted.node_name and counted.node_kind = 'batch'
            where
                counted.invocation_id = '{{ invocation_id }}'
                and counted.seconds is not null
                and files.status = 'PUBLISHED'
            group by 1
        {%- endset -%}
        {%- set told = [] -%}
        {%- for row in run_query(query).rows -%}
            {%- do told.append({
                'source': row[0], 'files': row[1] | int, 'sum': row[2] | float, 'minimum': row[3] | float, 'maximum': row[4] | float
            }) -%}
        {%- endfor -%}
        {%- if told -%}{%- do print('arrival_to_queryable ' ~ tojson(told)) -%}{%- endif -%}
    {%- endif -%}
{%- endmacro %}
