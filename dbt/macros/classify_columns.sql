{#- Whether the warehouse has tags and masking policies: the setting warehouse.governance, by the environment. -#}
{% macro governed() -%}
    {{ return(env_var('SNOWFLAKE_GOVERNANCE', 'false') == 'true') }}
{%- endmacro %}


{#-
    Writes the class of each column that can hold a text on the view that has just been made: `pii` in its meta, else none. A view that
    is replaced loses its tags, and is masked whole by its schema's tag until this statement.
-#}
{% macro classify_columns() -%}
    {%- if execute and governed() -%}
        {%- set tag = target.database ~ '.GOVERNANCE.MASKED_PERSONAL_DATA' -%}
        {%- set tagged = [] -%}
        {%- for column in model.columns.values() if column.data_type in ('varchar', 'array') -%}
            {%- do tagged.append("column " ~ column.name ~ " set tag " ~ tag ~ " = '" ~ column.config.get('meta', {}).get('pii', 'none') ~ "'") -%}
        {%- endfor -%}
        {%- if tagged -%}
            alter view {{ this }} modify {{ tagged | join(', ') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
