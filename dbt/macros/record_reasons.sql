{#- Reasons why a record is rejected: the recordReasons of contracts/outcomes.json (a test compares them), in their order. -#}
{% macro record_reasons() -%}
    {{ return([
        'TOO_LARGE',
        'ENCODING',
        'TRUNCATED',
        'NOT_UNPACKED',
        'MALFORMED_JSON',
        'MALFORMED_RECORD',
        'NOT_AN_OBJECT',
        'DELETED',
        'MISSING_ID',
        'MISSING_PRODUCT',
        'RATING_INVALID',
        'TIMESTAMP_INVALID',
        'TIMESTAMP_FUTURE',
        'SCHEMA_MISMATCH',
    ]) }}
{%- endmacro %}
