{#-
    A full refresh replaces a table by what RAW holds now, and RAW may hold less: files expire. So the table is cloned before, which copies
    no data, and after its query every key that it had must be there; else it is put back, and nothing after it is built.
-#}
{% macro previous_of(relation) -%}
    {{ return(relation.incorporate(path={'identifier': (relation.identifier ~ '__previous') | upper}, type='table')) }}
{%- endmacro %}


{#- Statement before an incremental model: in a full refresh, the clone. TRANSIENT, as dbt's tables are: of a transient table no other clone can be made. -#}
{% macro keep_previous() -%}
    {%- if execute and config.get('materialized') == 'incremental' and should_full_refresh() and load_relation(this) is not none -%}
        {%- do adapter.cache_added(previous_of(this)) -%}
        create or replace transient table {{ previous_of(this) }} clone {{ this }}
    {%- endif -%}
{%- endmacro %}


{#- After it: the proof, then the end of the clone. -#}
{% macro prove_previous_kept() -%}
    {%- if execute and config.get('materialized') == 'incremental' and should_full_refresh() -%}
        {%- set previous = load_relation(previous_of(this)) -%}
        {%- if previous is not none -%}
            {%- set key = config.get('unique_key') -%}
            {%- set query -%}
                select count(*) from {{ previous }}
                where {{ key }} not in (select refreshed.{{ key }} from {{ this }} as refreshed)
            {%- endset -%}
            {%- set lost = run_query(query).columns[0].values()[0] | int -%}
            {%- if lost > 0 -%}
                {%- do run_query('create or replace transient table ' ~ this ~ ' clone ' ~ previous) -%}
                {%- do adapter.drop_relation(previous) -%}
                {{ exceptions.raise_compiler_error(
                    "The full refresh of " ~ this ~ " would lose " ~ lost ~ " rows, by " ~ key ~ ", that RAW holds no longer. The table "
                    ~ "is as it was before. Bring the files back, or, if the rows are to go, drop the table and run the refresh again."
                ) }}
            {%- endif -%}
            {%- do adapter.drop_relation(previous) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
