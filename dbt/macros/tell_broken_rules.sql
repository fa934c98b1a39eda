{#- Prints which rules the failed tests all_rules found broken: dbt itself says only how many. -#}
{% macro tell_broken_rules(results) -%}
    {%- if execute -%}
        {%- for result in results if result.status == 'fail' and (result.node.test_metadata or {}).name == 'all_rules' -%}
            {%- for row in run_query(result.node.compiled_code).rows -%}
                {%- do print('broken rule: ' ~ row[0] ~ ' (' ~ row[1] ~ ' rows)') -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
