with

file_events as (

    select * from {{ ref('fct_file_events') }}

),

ranked as (

    select
        *,
        -- Two states of one attempt may bear the same millisecond.
        case status
            when 'RECEIVED' then 1
            when 'PROCESSING' then 2
            else 3
        end as state_rank
    from file_events

),

in_order as (

    select
        *,
        lead(occurred_at) over (
            partition by file_id
            order by attempt, occurred_at, state_rank
        ) as left_at
    from ranked

),

timed as (

    select
        *,
        {{ seconds_between('occurred_at', 'left_at') }} as seconds_in_state
    from in_order

),

lifecycles as (

    select
        file_id,
        min(occurred_at) as first_received_at,
        sum(iff(status = 'RECEIVED', seconds_in_state, null))::number(18, 3) as seconds_received,
        sum(iff(status = 'PROCESSING', seconds_in_state, null))::number(18, 3) as seconds_processing,
        sum(iff(status = 'FAILED', seconds_in_state, null))::number(18, 3) as seconds_failed
    from timed
    group by file_id

),

current_states as (

    select * from in_order
    where left_at is null

),

final as (

    select
        current_states.file_id,
        current_states.bucket_name,
        current_states.object_key,
        current_states.version_id,
        current_states.source_name,
        current_states.size_bytes,
        current_states.etag,
        current_states.arrived_at,
        lifecycles.first_received_at,
        current_states.status,
        current_states.occurred_at as status_since,
        current_states.status not in ('RECEIVED', 'PROCESSING') as is_final,
        current_states.reason,
        current_states.detail,
        current_states.attempt as attempt_count,
        current_states.triggered_by,
        current_states.records_read,
        current_states.records_published,
        current_states.records_rejected,
        current_states.records_duplicate,
        current_states.rejected_by_reason,
        {{ seconds_between('current_states.arrived_at', 'lifecycles.first_received_at') }} as seconds_waiting,
        lifecycles.seconds_received,
        lifecycles.seconds_processing,
        lifecycles.seconds_failed,
        iff(
            is_final and current_states.status != 'FAILED',
            {{ seconds_between('current_states.arrived_at', 'current_states.occurred_at') }},
            null
        ) as seconds_to_outcome,
        current_states.execution_arn,
        current_states.batch_id,
        current_states.ingest_date
    from current_states
    inner join lifecycles on current_states.file_id = lifecycles.file_id

)

select * from final
