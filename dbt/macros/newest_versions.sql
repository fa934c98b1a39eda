{#-
    The last CTEs of a model that keeps one row per key, its newest version: of the CTE `incoming`, `final` holds the rows that are
    newer than each other and than what is loaded.
    key: the column that identifies a row. version: the column by which it is newer. completeness: an expression over the row that is
    larger where more of the same version was seen. outranking: a boolean expression over the row; where it holds, the row wins over
    newer ones for which it does not.
-#}
{% macro newest_versions(key, version='last_seen_at', completeness='0', outranking='false') -%}
versions as (

    select
        {{ key }},
        {{ version }},
        ingested_at,
        batch_id,
        {{ completeness }} as completeness,
        {{ outranking }} as outranks,
        false as is_loaded
    from incoming

    {% if is_incremental() %}
    union all

    select
        {{ key }},
        {{ version }},
        ingested_at,
        batch_id,
        {{ completeness }} as completeness,
        {{ outranking }} as outranks,
        true as is_loaded
    from {{ this }}
    where
        {{ key }} in (select incoming.{{ key }} from incoming)
        and batch_id not in ({{ replaced_batches() }})
    {% endif %}

),

-- The newest version wins; of the same version the one that was ingested last; of the same batch the reading that saw most of it;
-- else what is loaded stays untouched.
newest as (

    select *
    from versions
    qualify
        row_number() over (
            partition by {{ key }}
            order by outranks desc, {{ version }} desc, ingested_at desc, batch_id desc, completeness desc, is_loaded desc
        ) = 1

),

final as (

    select incoming.*
    from incoming
    inner join newest
        on incoming.{{ key }} = newest.{{ key }} and incoming.batch_id = newest.batch_id
    where not newest.is_loaded

)
{%- endmacro %}
