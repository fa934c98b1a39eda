"""SQL that converts a text column to a typed one: DuckDB reads plain forms, `scalars` everything else.

DuckDB's casts accept more than the pipeline's rules ('12.7' is not a whole number here), so a cast is used
only for forms that both read in the same way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from reviews.kernel import scalars, sql

_REMEMBERED = 65_536
NUMBERS = ("double", "bigint", "int", "decimal(12,2)")
_TRUE = ("true", "t", "yes", "y", "1")
_FALSE = ("false", "f", "no", "n", "0")

# Valid dates and times of day; the year has four digits and no leading zero. In UTC, with or without Z.
_PLAIN_TIME = (
    r"[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"([T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z?)?"
)
_PLAIN_MONEY = r"\d{1,9}(\.\d{1,2})?"
_PLAIN_REAL = r"\d{1,9}(\.\d{1,6})?"


def convert(text: str, kind: str, timestamps: Iterable[str]) -> str:
    """SQL that converts the text expression to the contracts' type `kind`."""
    if kind == "string":
        return text
    if kind == "boolean":
        return _boolean(text)
    if kind == "timestamp":
        return sql.coalesce([_timestamp(text, form) for form in timestamps])
    if kind == "double":
        return _plain(text, _PLAIN_REAL, "double", "odd_real")
    if kind == "decimal(12,2)":
        return _plain(text, _PLAIN_MONEY, kind, f"try_cast(odd_money({text}) as {kind})", ready=True)
    return _whole(text, kind)


def _boolean(text: str) -> str:
    lower = f"lower({text})"
    true, false = f"{lower} in ({sql.texts(_TRUE)})", f"{lower} in ({sql.texts(_FALSE)})"
    return f"case when {true} then true when {false} then false end"


def _plain(text: str, form: str, kind: str, odd: str, *, ready: bool = False) -> str:
    otherwise = odd if ready else f"{odd}({text})"
    return (
        f"case when {text} is null then null when regexp_full_match({text}, {sql.text(form)}) "
        f"then try_cast({text} as {kind}) else {otherwise} end"
    )


def _whole(text: str, kind: str) -> str:
    # A text is plain if the number prints as the same text: without plus sign, blank, comma or fraction.
    number = f"try_cast({text} as {kind})"
    odd = "odd_long" if kind == "bigint" else "odd_integer"
    return (
        f"case when {text} is null then null when {number}::varchar = {text} then {number} "
        f"else {odd}({text}) end"
    )


def _timestamp(text: str, form: str) -> str:
    odd = f"make_timestamp(odd_time({text}, {sql.text(form)}))"
    if form == "iso":
        return (
            f"case when substring({text}, 5, 1) = '-' then "
            f"case when regexp_full_match({text}, {sql.text(_PLAIN_TIME)}) "
            f"then try_cast({text} as timestamp) else {odd} end end"
        )
    if form == "epoch":
        number = f"try_cast({text} as bigint)"
        scale = f"if(abs({number}) >= {scalars.MILLISECONDS_FROM}, 1000, 1000000)"
        return (
            f"case when {text} is null then null when length({text}) <= 14 and {number}::varchar = {text} "
            f"then make_timestamp({number} * {scale}) else {odd} end"
        )
    return odd


def present(text: str, nulls: Iterable[str]) -> str:
    """The text; null if it is empty or the source uses it for 'no value'."""
    return f"case when {text} not in ({sql.texts({'', *nulls})}) then {text} end"


def register(database: duckdb.DuckDBPyConnection) -> None:
    """Registers the exact conversions in the database, as the functions `odd_…`."""
    _register(database, "odd_long", lambda text: scalars.whole(text, 64), pa.int64(), "bigint")
    _register(database, "odd_integer", lambda text: scalars.whole(text, 32), pa.int32(), "integer")
    _register(database, "odd_real", scalars.real, pa.float64(), "double")
    _register(database, "odd_money", scalars.money, pa.string(), "varchar")
    _register(database, "odd_time", scalars.timestamp, pa.int64(), "bigint", arguments=2)


def _register(
    database: duckdb.DuckDBPyConnection,
    name: str,
    convert: Callable[..., object],
    arrow: pa.DataType,
    kind: str,
    arguments: int = 1,
) -> None:
    # Odd forms often repeat the same value.
    remembered = functools.lru_cache(maxsize=_REMEMBERED)(convert)

    def rows(*texts: pa.ChunkedArray) -> pa.Array:
        found = zip(*(each.to_pylist() for each in texts), strict=True)
        return pa.array([None if row[0] is None else remembered(*row) for row in found], arrow)

    # DuckDB checks the number of parameters, so `*texts` cannot be registered directly.
    column = (lambda texts: rows(texts)) if arguments == 1 else (lambda texts, forms: rows(texts, forms))
    database.create_function(
        name,
        column,
        ["varchar"] * arguments,
        kind,
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )
