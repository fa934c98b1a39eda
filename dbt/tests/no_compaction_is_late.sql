{{ config(severity='warn') }}
-- Every compaction is in force soon after its announcement. One that is not costs nothing until the batches' own files are
-- removed (`compaction.graceHours`); what to do: docs/runbook.md, "A batch is LATE".
select
    announced.compaction_id,
    announced.compacted_batch_id
from {{ ref('stg_compactions') }} as announced
left join {{ ref('compacted_batches') }} as in_force
    on announced.compacted_batch_id = in_force.batch_id and announced.compacted_at <= in_force.compacted_at
where
    in_force.batch_id is null
    and {{ recent_ingest_dates('announced.ingest_date') }}
    and announced.compacted_at < dateadd('minute', -{{ var('visibility_minutes') }}, sysdate())
