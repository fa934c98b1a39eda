"""The one strict parse of every record, whichever reader it is from."""

from __future__ import annotations

from pyspark.sql import DataFrame

from reviews.mapping.places import DOCUMENT

# The parser ignores text after the first value. Each record is read as [record, sentinel], so that a closing
# bracket inside the record, a second value or trailing text shows: the sentinel is then not the second and
# last element.
_SENTINEL = "end of record"

# Bare NaN, Infinity and -Infinity outside strings. \G goes on where the last match ended, the possessive
# groups never step back into a string: linear, and no recursion however long the text.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NON_NUMBER = rf"\G((?:[^\"NI\-]|-(?!Infinity|NaN)|{_STRING})*+)-?(?:NaN|Infinity)".replace(r"\"", '"')


def parse(records: DataFrame) -> DataFrame:
    """Adds `document` (VARIANT array of record and sentinel; null where malformed) and `is_whole` (the
    record is
    exactly one JSON value)."""
    framed = f"concat('[', {{}}, ',\"{_SENTINEL}\"]')"
    strict = f"try_parse_json({framed.format('record_text')})"
    without_nan = f"regexp_replace(record_text, r'{_NON_NUMBER}', '$1null')"
    lenient = f"try_parse_json({framed.format(without_nan)})"
    has_nan = "contains(record_text, 'NaN') or contains(record_text, 'Infinity')"
    # Producers in Python and JavaScript write NaN and Infinity, which JSON has not: a second chance that
    # only lines that failed pay for.
    parsed = f"coalesce({strict}, case when {has_nan} then {lenient} end)"
    # inline() is a generator: the optimiser never copies it, so the parse runs once and not once per mapped
    # field.
    return records.selectExpr("*", f"inline(array(named_struct('{DOCUMENT}', {parsed})))").selectExpr(
        "*",
        f"(try_variant_get({DOCUMENT}, '$[1]', 'string') = '{_SENTINEL}' "
        f"and try_variant_get({DOCUMENT}, '$[2]', 'variant') is null) as is_whole",
    )


def is_object() -> str:
    """True where the record is a JSON object; by its first character, or by its value where blanks lead
    it."""
    found = f"try_variant_get({DOCUMENT}, '$[0]', 'map<string,variant>')"
    return f"(startswith(record_text, '{{') or {found} is not null)"
