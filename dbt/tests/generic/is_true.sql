{#- The expression is true of every row; a null counts as untrue. -#}
{% test is_true(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
