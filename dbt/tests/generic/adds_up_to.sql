{#- Two aggregates are the same: one of the model, one of another relation. Nulls count as 0. -#}
{% test adds_up_to(model, total, other, other_total, condition='true', other_condition='true') %}

{{ config(tags=['audit']) }}

with

here as (

    select coalesce({{ total }}, 0) as total
    from {{ model }}
    where {{ condition }}

),

there as (

    select coalesce({{ other_total }}, 0) as total
    from {{ other }}
    where {{ other_condition }}

)

select
    here.total as total_here,
    there.total as total_there
from here
cross join there
where here.total != there.total

{% endtest %}
