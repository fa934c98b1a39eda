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


{#- Keeps the result of every model and test of a run. Not dbt's messages, which may quote rows. -#}
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
    {%- endif -%}
{%- endmacro %}
