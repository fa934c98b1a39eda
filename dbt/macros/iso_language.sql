{#-
    Code of ISO 639-1 for what a source calls a language: a code with or without a region (en, en-US, pt_BR), or Steam's name of
    it ("Languages Supported on Steam", Steamworks Documentation). What is neither becomes `und`, the code of ISO 639-2 for undetermined;
    null stays null.
-#}
{% macro iso_language(column) -%}
    {%- set names = {
        'arabic': 'ar', 'brazilian': 'pt', 'bulgarian': 'bg', 'czech': 'cs', 'danish': 'da', 'dutch': 'nl', 'english': 'en',
        'finnish': 'fi', 'french': 'fr', 'german': 'de', 'greek': 'el', 'hungarian': 'hu', 'indonesian': 'id', 'italian': 'it',
        'japanese': 'ja', 'koreana': 'ko', 'latam': 'es', 'norwegian': 'no', 'polish': 'pl', 'portuguese': 'pt', 'romanian': 'ro',
        'russian': 'ru', 'schinese': 'zh', 'spanish': 'es', 'swedish': 'sv', 'tchinese': 'zh', 'thai': 'th', 'turkish': 'tr',
        'ukrainian': 'uk', 'vietnamese': 'vi'
    } -%}
    case
        when {{ column }} is null then null
        {%- for name, code in names.items() %}
        when {{ column }} = '{{ name }}' then '{{ code }}'
        {%- endfor %}
        when regexp_like(lower({{ column }}), '^[a-z]{2}([-_].*)?$') then lower(left({{ column }}, 2))
        else 'und'
    end
{%- endmacro %}
