"""From a text to a typed value: Spark SQL expressions that give null where the text is no such value."""

from __future__ import annotations

from collections.abc import Iterable

from reviews import sql

# From here on an epoch time is in milliseconds: as seconds it would be the year 5138, as milliseconds 1973.
_MILLISECONDS_FROM = 100_000_000_000
# Ten times the year 5138 in milliseconds; beyond, the multiplication to microseconds could overflow.
_EPOCH_LIMIT = 1_000_000_000_000_000

_TRUE = ("true", "t", "yes", "y", "1")
_FALSE = ("false", "f", "no", "n", "0")


def convert(text: str, kind: str, timestamps: Iterable[str]) -> str:
    """The value of the text expression as Spark type `kind`."""
    if kind == "string":
        return text
    if kind == "boolean":
        return boolean(text)
    if kind == "timestamp":
        return timestamp(text, timestamps)
    if kind == "double":
        # By way of decimal, which takes neither NaN nor Infinity nor Java's "5d".
        return f"cast(try_cast({text} as decimal(18,9)) as double)"
    return f"try_cast(replace({text}, ',', '') as {kind})"


def boolean(text: str) -> str:
    lower = f"lower({text})"
    true, false = f"{lower} in ({sql.texts(_TRUE)})", f"{lower} in ({sql.texts(_FALSE)})"
    return f"case when {true} then true when {false} then false end"


def timestamp(text: str, forms: Iterable[str]) -> str:
    """UTC; the forms are those of `timestamps` in contracts/source.schema.json, the first that fits."""
    return sql.coalesce([_timestamp(text, form) for form in forms])


def _timestamp(text: str, form: str) -> str:
    if form == "iso":
        # Spark's cast also takes bare numbers for years: only what looks like a date may go in.
        return f"case when substring({text}, 5, 1) = '-' then try_cast({text} as timestamp) end"
    if form == "epoch":
        number = f"try_cast({text} as decimal(24,6))"
        scale = f"if(abs({number}) >= {_MILLISECONDS_FROM}, 1000, 1000000)"
        micros = f"timestamp_micros(cast({number} * {scale} as bigint))"
        return f"case when abs({number}) < {_EPOCH_LIMIT} then {micros} end"
    return f"try_to_timestamp({text}, {sql.text(form)})"


def present(text: str, nulls: Iterable[str]) -> str:
    """The text; null where nothing is left of it or the source means 'no value' by it."""
    return f"case when {text} not in ({sql.texts({'', *nulls})}) then {text} end"
