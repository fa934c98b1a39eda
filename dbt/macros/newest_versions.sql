{#-
    The last CTEs of a model that keeps one row per key, its newest version: of the CTE `incoming`, `final` holds the rows that are
    newer than each other and than what is loaded. `key`: the column that identifies a row.
-#}
{% macro newest_versions(key) -%}
versions as (

    select
        {{ key }},
        last_seen_at,
        ingested_at,
        batch_id,
        false as is_loaded
    from incoming

    {% if is_incremental() %}
    union all

    select
        {{ key }},
        last_seen_at,
        ingested_at,
        batch_id,
        true as is_loaded
    from {{ this }}
    where {{ key }} in (select incoming.{{ key }} from incoming)
    {% endif %}

),

-- The description by the newest review wins; of equally new ones the one that was ingested last, and what is loaded already.
newest as (

    select *
    from versions
    qualify
        row_number() over (
            partition by {{ key }}
            order by last_seen_at desc, ingested_at desc, batch_id desc, is_loaded desc
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
