{#-
    Stops dbt where the session's clock is not UTC. The times in the files are UTC, and Snowflake shifts them by the session's time
    zone as it makes them TIMESTAMP_NTZ: every time and date of the built tables would be wrong. dbt-snowflake cannot set it for its sessions.
-#}
{% macro require_utc() -%}
    {%- if execute -%}
        {%- set query -%}
            select
                current_user() as user_name,
                round(datediff('second', sysdate(), current_timestamp()::timestamp_ntz) / 60) as minutes
        {%- endset -%}
        {%- set found = run_query(query).rows[0] -%}
        {%- if found[1] | int != 0 -%}
            {{ exceptions.raise_compiler_error(
                "The session of the user " ~ found[0] ~ " is " ~ (found[1] | int) ~ " minutes off UTC, and so would be every time of "
                ~ "the built tables. Run: alter user " ~ found[0] ~ " set timezone = 'UTC'"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
