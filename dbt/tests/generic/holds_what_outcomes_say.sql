{#- Of every file of a settled batch, the model holds as many rows as `outcome_count`, a column of the file events, says.
    catalogue: a model whose rows that a catalogue describes count, too. customers, cases: models all of whose rows do. -#}
{% test holds_what_outcomes_say(model, outcome_count, catalogue=none, customers=none, cases=none) %}

{{ config(tags=['audit']) }}

with

settled_batches as (

    {{ settled_batches() }}

),

outcomes as (

    select
        file_events.file_id,
        file_events.batch_id,
        file_events.{{ outcome_count }}
    from {{ ref('fct_file_events') }} as file_events
    inner join settled_batches on file_events.batch_id = settled_batches.batch_id
    where file_events.records_read is not null

),

counted_rows as (

    select file_id, batch_id, ingest_date from {{ model }}

    union all

    select file_id, batch_id, ingest_date from {{ catalogue or model }}
    where {{ 'from_catalogue' if catalogue else 'false' }}

    union all

    select file_id, batch_id, ingest_date from {{ customers or model }}
    where {{ 'true' if customers else 'false' }}

    union all

    select file_id, batch_id, ingest_date from {{ cases or model }}
    where {{ 'true' if cases else 'false' }}

),

rows_in_raw as (

    select
        rows_of_model.file_id,
        rows_of_model.batch_id,
        count(*) as row_count
    from counted_rows as rows_of_model
    inner join settled_batches on rows_of_model.batch_id = settled_batches.batch_id
    where {{ recent_ingest_dates('rows_of_model.ingest_date') }}
    group by rows_of_model.file_id, rows_of_model.batch_id

)

select
    coalesce(outcomes.file_id, rows_in_raw.file_id) as file_id,
    coalesce(outcomes.batch_id, rows_in_raw.batch_id) as batch_id,
    outcomes.{{ outcome_count }},
    rows_in_raw.row_count
from outcomes
full outer join rows_in_raw
    on outcomes.file_id = rows_in_raw.file_id and outcomes.batch_id = rows_in_raw.batch_id
where coalesce(outcomes.{{ outcome_count }}, 0) != coalesce(rows_in_raw.row_count, 0)

{% endtest %}
