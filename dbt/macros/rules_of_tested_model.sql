{#- The rules of the model that the test at hand belongs to: of each its name, and the query of what breaks it. -#}
{% macro rules_of_tested_model(rows) -%}
    {%- set rules = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'test'
            and node.attached_node == model.attached_node
            and node.test_metadata.name in var('single_rules')
        -%}
            {%- set arguments = dict(node.test_metadata.kwargs, model=rows) -%}
            {%- do rules.append({'name': node.name, 'broken_by': context['test_' ~ node.test_metadata.name](**arguments)}) -%}
        {%- endfor -%}
        {%- if not rules -%}
            {{ exceptions.raise_compiler_error('all_rules: ' ~ model.attached_node ~ ' has no rule. Give it one, or leave all_rules out.') }}
        {%- endif -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}
