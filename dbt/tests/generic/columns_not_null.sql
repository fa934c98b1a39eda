{#- No row holds a null in any of the columns; one query for all of them, since a query of an external table opens its files. -#}
{% test columns_not_null(model, columns) %}

select *
from {{ model }}
where
    {% for column in columns -%}
        {{ column }} is null{{ '' if loop.last else ' or ' }}
    {% endfor %}

{% endtest %}
