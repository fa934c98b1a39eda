"""Converts parsed values to texts, and lists of them to Arrow arrays of texts."""

from __future__ import annotations

import contextlib
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reviews.kernel.parsing import Number, dumps


def text(value: Any) -> str:
    """A value as text: a text unchanged, a number without trailing zeros, an object or array as JSON."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is Number:
        return _number_text(value)
    if kind is bool:
        return "true" if value else "false"
    return dumps(value) if kind in (dict, list) else str(value)


def _number_text(number: str) -> str:
    if "e" in number or "E" in number:
        return _scientific(number)
    stripped = number.rstrip("0").rstrip(".")
    return "0" if stripped == "-0" else stripped


def _scientific(number: str) -> str:
    """A number with an exponent, in Java's format of a double, which ids and ratings have always had."""
    value = float(number)
    if math.isinf(value):
        return str(number)  # too large for a double: as written
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = f"{Decimal(repr(value)):E}".partition("E")
    mantissa = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def strings(values: list[Any]) -> pa.Array:
    """The values as an Arrow array of texts, without the blanks around them."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return _trimmed(pa.array(values, pa.string()))
    if kinds == {bool}:
        return pa.array(values, pa.bool_()).cast(pa.string())
    if kinds == {int}:
        with contextlib.suppress(OverflowError):  # beyond 64 bits: the general case below
            return pa.array(values, pa.int64()).cast(pa.string())
    return _trimmed(pa.array([None if value is None else text(value) for value in values], pa.string()))


def _trimmed(texts: pa.Array) -> pa.Array:
    # Not in the SQL, because DuckDB's trim of a given character takes fifteen times as long.
    return pc.utf8_trim(texts, characters=" ")


def lists(values: list[Any]) -> pa.Array:
    """The values as an Arrow array of lists of texts; a single value becomes a list of one."""
    if set(map(type, values)) <= {list, type(None)} and {type(i) for v in values if v for i in v} <= {str}:
        return pa.array(values, pa.list_(pa.string()))
    return pa.array(
        [
            None
            if value is None
            else [
                None if item is None else text(item) for item in (value if type(value) is list else [value])
            ]
            for value in values
        ],
        pa.list_(pa.string()),
    )


def sparse(found_texts: dict[int, str], count: int) -> pa.Array:
    """An Arrow array of `count` texts; every place without a text is null."""
    if not found_texts:
        return pa.nulls(count, pa.string())
    return pa.array([found_texts.get(place) for place in range(count)], pa.string())
