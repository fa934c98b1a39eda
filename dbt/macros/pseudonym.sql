{#-
    What PRESENTATION shows in place of a key that points at a person or a person's review: a keyed hash, hexadecimal; null stays null.
    The query has to have `pseudonym_key` (the macro below) among its relations, one row.
    Two hashes, each with a key of its own: HMAC's construction, of which HMAC derives the two keys from one (Bellare, Canetti, Krawczyk:
    "Keying Hash Functions for Message Authentication", 1996). A single hash of key and value could be extended.
-#}
{% macro pseudonym(value) -%}
    sha2(pseudonym_key.outer_key || sha2(pseudonym_key.inner_key || {{ value }}, 256), 256)
{%- endmacro %}


{#- The newest generation of the keys, as a CTE. -#}
{% macro pseudonym_key() -%}
pseudonym_key as (

    select
        inner_key,
        outer_key
    from {{ ref('pseudonym_keys') }}
    qualify row_number() over (order by generation desc) = 1

)
{%- endmacro %}
