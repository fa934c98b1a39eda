{#- No value lies outside the range, its ends included; nulls pass. -#}
{% test in_range(model, column_name, minimum=none, maximum=none) %}

{%- set outside = [] %}
{%- if minimum is not none %}{% do outside.append(column_name ~ ' < ' ~ minimum) %}{% endif %}
{%- if maximum is not none %}{% do outside.append(column_name ~ ' > ' ~ maximum) %}{% endif %}
{%- if not outside %}
    {{ exceptions.raise_compiler_error('in_range of ' ~ column_name ~ ': give minimum, maximum or both.') }}
{%- endif %}

select {{ column_name }}
from {{ model }}
where {{ outside | join(' or ') }}

{% endtest %}
