{{
    config(
        materialized='incremental',
        full_refresh=false
    )
}}

-- The keys are made here, in Snowflake, and stay here: no statement, log or file holds them. 366 random bits go into each.
with

wanted as (

    select {{ var('pseudonym_generation') }}::number(38, 0) as generation

),

final as (

    select
        wanted.generation,
        sha2(uuid_string() || uuid_string() || uuid_string(), 256) as inner_key,
        sha2(uuid_string() || uuid_string() || uuid_string(), 256) as outer_key,
        sysdate()::timestamp_ntz as made_at
    from wanted

    {% if is_incremental() %}
    where wanted.generation > (select coalesce(max(made.generation), 0) from {{ this }} as made)
    {% endif %}

)

select * from final
