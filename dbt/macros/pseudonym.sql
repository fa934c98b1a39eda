{#-
    What core holds of a value that the contract marks pseudonymous (it points at one account): its SHA-256, hexadecimal; null stays null.
    No salt: the keys of the contract are plain hashes of the same identifiers, so that a salt here would protect nothing.
-#}
{% macro pseudonym(column) -%}
    sha2({{ column }}, 256)
{%- endmacro %}
