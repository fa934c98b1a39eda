{#- No row holds a number below 0 in any of the columns; nulls pass. -#}
{% test columns_not_negative(model, columns) %}

select *
from {{ model }}
where
    {% for column in columns -%}
        {{ column }} < 0{{ '' if loop.last else ' or ' }}
    {% endfor %}

{% endtest %}
