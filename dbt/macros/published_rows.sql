{#-
    Query of the rows of a published table, each once: a compaction puts rows of small batches into larger files, and for a while both are
    there. From one build to the next the rows of a batch are read where compacted_batches says, else from the batch's own files.
    `batch_id` is the batch that published the row, wherever it is read from.
-#}
{% macro published_rows(table) -%}
select
        files.* exclude (batch_id),
        coalesce(files.original_batch_id, files.batch_id) as batch_id
    from {{ source('raw', table) }} as files
    left join {{ ref('compacted_batches') }} as compacted
        on compacted.batch_id = coalesce(files.original_batch_id, files.batch_id)
    where files.batch_id = coalesce(compacted.compaction_id, files.original_batch_id, files.batch_id)
{%- endmacro %}
