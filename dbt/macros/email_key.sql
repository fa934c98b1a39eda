{#-
    What stands for an e-mail address in CORE: a hash of it without blanks around and in small letters, as sign-ups take it. Nothing else
    is made alike: dots and plus signs are some providers' rules only. Null where there is no address. PRESENTATION shows its pseudonym.
-#}
{% macro email_key(email) -%}
    iff({{ email }} like '%_@_%', sha2('email/' || lower(trim({{ email }})), 256), null)
{%- endmacro %}
