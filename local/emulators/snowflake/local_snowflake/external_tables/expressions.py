"""Column expressions of external tables, from Snowflake's SQL to DuckDB's (extension "external-columns").

``VALUE:"name"`` becomes the Parquet column itself where its value is wanted as a plain type, so that a
query reads the columns it needs and no JSON is made of the others.
"""

import re
from typing import Any

from sqlglot import exp

from local_snowflake import errors
from local_snowflake.external_tables.definition import Column, Definition
from local_snowflake.pinned import private
from local_snowflake.sql import identifier

_dialect = private("external-columns", "fakesnow.dialect", "parse_one")
private("external-columns", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

FILENAME = "METADATA$FILENAME"
_PARQUET = "$."
_PARQUET_COLUMN = re.compile(r'"\$\.([0-9a-f]*)"')

_SEMI_STRUCTURED = ("VARIANT", "ARRAY", "OBJECT", "JSON", "STRUCT", "MAP")


def parquet_column(name: str) -> str:
    """What a Parquet column is called in view.py: by the hexadecimal digits of its name, since Snowflake
    tells names in files apart by case and DuckDB does not."""
    return _PARQUET + name.encode().hex()


def parquet_columns(definition: Definition) -> set[str]:
    """Names of the Parquet columns that a table's columns read, whether or not a file has them."""
    found = {digits for column in definition.columns for digits in _PARQUET_COLUMN.findall(column.sql)}
    return {bytes.fromhex(digits).decode() for digits in found}


def translate(cursor: Any, name: str, declared: str, expression: str) -> Column:
    """A virtual column from its statement's words. Raises 001003 for an expression that is not understood."""
    parsed = _dialect.parse_one(f"SELECT CAST({expression} AS {declared}) AS {identifier(name)}")
    for place in list(parsed.find_all(exp.JSONExtract)):
        _replace_path(place)
    columns = {found.name.upper() for found in parsed.find_all(exp.Column)}
    unknown = [c for c in columns if c not in ("VALUE", FILENAME) and not c.startswith(_PARQUET)]
    if unknown:
        raise errors.syntax(f"invalid identifier '{unknown[0]}' in column {name} of an external table")
    from_path = columns == {FILENAME}
    projection = cursor._transform(parsed, None).selects[0].this
    return Column(name, declared, expression, projection.sql(dialect="duckdb"), from_path)


def _replace_path(place: exp.Expression) -> None:
    key = _single_key(place)
    if key is None:
        return
    column: Any = exp.column(parquet_column(key), quoted=True)
    if _wants_variant(place):
        column = exp.func("TO_JSON", column)
    place.replace(column)


def _single_key(place: exp.Expression) -> str | None:
    """The key of ``VALUE:key`` or ``$1:key``; None for a longer path and for other values."""
    of = place.this
    is_value = isinstance(of, exp.Column) and of.name.upper() == "VALUE"
    is_first = isinstance(of, exp.Parameter) and of.name == "1"
    path = place.expression
    if not (is_value or is_first) or not isinstance(path, exp.JSONPath) or len(path.expressions) != 2:
        return None
    key = path.expressions[1]
    return str(key.this) if isinstance(key, exp.JSONPathKey) else None


def _wants_variant(place: exp.Expression) -> bool:
    parent = place.parent
    if not isinstance(parent, exp.Cast | exp.TryCast):
        return True
    wanted = parent.to.this
    return str(getattr(wanted, "value", wanted)).upper() in _SEMI_STRUCTURED
