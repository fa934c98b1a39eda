{{ config(severity='warn') }}
-- No batch is LATE: its outcome is known, but some table does not show its rows. It does not count, nothing else waits for it,
-- and the next run after they are seen takes it. What to do: docs/runbook.md, "A batch is LATE".
select
    batch_id,
    ingest_date,
    last_event_at
from {{ ref('dim_batches') }}
where status = 'LATE'
