{#-
    The model is not empty while the rows it is made of are there. Every other test passes on an empty table: this one does not.
    `condition` says which rows of `upstream` must lead to a row here.
-#}
{% test has_rows_when(model, upstream, condition='true') %}

with

upstream_rows as (

    select count(*) as row_count
    from {{ upstream }}
    where {{ condition }}

),

model_rows as (

    select count(*) as row_count
    from {{ model }}

)

select
    upstream_rows.row_count as upstream_rows,
    model_rows.row_count as model_rows
from upstream_rows
cross join model_rows
where upstream_rows.row_count > 0 and model_rows.row_count = 0

{% endtest %}
