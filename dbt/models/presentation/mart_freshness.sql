{{ config(materialized='view', persist_docs={'relation': true, 'columns': false}) }}

with

results as (

    select * from {{ source('dbt', 'dbt_results') }}

),

batches as (

    select * from {{ ref('dim_batches') }}
    where status = 'RECORDED'

),

builds as (

    select
        model_name,
        max(ended_at) as last_tried_at,
        max(iff(status = 'success', ended_at, null)) as last_built_at
    from results
    where node_kind = 'model' and schema_name = 'PRESENTATION'
    group by model_name

),

newest_tests as (

    select *
    from results
    where node_kind = 'test'
    qualify row_number() over (partition by node_name order by ended_at desc) = 1

),

tested as (

    select
        model_name,
        max(ended_at) as last_tested_at,
        count_if(status = 'pass') as passed_test_count,
        count_if(status = 'warn') as warned_test_count,
        count_if(status not in ('pass', 'warn', 'skipped')) as failed_test_count
    from newest_tests
    group by model_name

),

failures as (

    select
        model_name,
        max(ended_at) as last_failure_at
    from results
    where status not in ('success', 'pass', 'warn', 'skipped')
    group by model_name

),

data_seen as (

    select
        builds.model_name,
        max(batches.last_event_at) as data_until
    from builds
    inner join batches on builds.last_built_at >= batches.last_event_at
    group by builds.model_name

),

final as (

    select
        builds.model_name as mart_name,
        builds.last_built_at,
        builds.last_tried_at,
        data_seen.data_until,
        tested.last_tested_at,
        coalesce(tested.passed_test_count, 0)::number(38, 0) as passed_test_count,
        coalesce(tested.warned_test_count, 0)::number(38, 0) as warned_test_count,
        coalesce(tested.failed_test_count, 0)::number(38, 0) as failed_test_count,
        failures.last_failure_at
    from builds
    left join tested on builds.model_name = tested.model_name
    left join failures on builds.model_name = failures.model_name
    left join data_seen on builds.model_name = data_seen.model_name

)

select * from final
