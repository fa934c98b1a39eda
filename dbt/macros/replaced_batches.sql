{#- Query of the batches whose files a later batch processed again: what only they published is published no longer. -#}
{% macro replaced_batches() -%}
    select replaced.batch_id from {{ ref('dim_batches') }} as replaced where replaced.status = 'REPLACED'
{%- endmacro %}
