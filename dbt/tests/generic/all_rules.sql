{#-
    All rules that a row, or the rows of this model together, must keep, in one statement: those that data_tests state of this model
    alone. An event's build asks this instead of each of them, a run on schedule asks them one by one (var `single_rules`). Each row found
    is a broken rule, by the name of its test.
-#}
{% test all_rules(model) %}

with

tested_rows as (

    select * from {{ model }}

),

broken_rules as (

    {% for rule in rules_of_tested_model('tested_rows') -%}
    select
        '{{ rule.name }}' as rule,
        count(*) as row_count
    from ({{ rule.broken_by }}) as found
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    rule,
    row_count
from broken_rules
where row_count > 0

{% endtest %}
