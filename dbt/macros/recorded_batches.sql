{#-
    The batches that count, as a CTE. A batch counts whole or not at all: what a failed execution has written is withdrawn, and rows become
    visible table by table.
-#}
{% macro recorded_batches() -%}
recorded_batches as (

    select batch_id from {{ ref('dim_batches') }}
    where status = 'RECORDED'

)
{%- endmacro %}
