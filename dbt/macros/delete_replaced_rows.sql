{#- Removes the rows of batches whose files were processed again: what the later batch did not overwrite is published no longer. -#}
{% macro delete_replaced_rows() -%}
    delete from {{ this }}
    where batch_id in ({{ replaced_batches() }})
{%- endmacro %}
