"""Converts values that a database writes with their types to plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from reviews.kernel.parsing import Number

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _number(text: Any) -> Any:
    """The number in a text, in the parser's types; a text that is not a number (NaN) counts as null."""
    written = str(text)
    if _WHOLE.fullmatch(written):
        return int(written)
    return Number(written) if _NUMBER.fullmatch(written) else None


def _listed(values: Any) -> Any:
    return [_attribute(value) for value in values] if isinstance(values, list) else values


def from_dynamodb(item: Any) -> Any:
    """The plain object of an item in DynamoDB JSON; other values stay unchanged."""
    return {name: _attribute(value) for name, value in item.items()} if isinstance(item, dict) else item


def _numbers(values: Any) -> Any:
    return [_number(value) for value in values] if isinstance(values, list) else values


def _same(value: Any) -> Any:
    return value


def _null(_value: Any) -> Any:
    return None


# Amazon DynamoDB Developer Guide, "DynamoDB JSON" and "Data type descriptors".
_DYNAMODB: dict[str, Callable[[Any], Any]] = {
    "S": _same, "N": _number, "B": _same, "BOOL": _same, "NULL": _null,
    "M": from_dynamodb, "L": _listed, "SS": _same, "NS": _numbers, "BS": _same,
}  # fmt: skip


def _attribute(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        [(kind, inner)] = value.items()
        if decode := _DYNAMODB.get(kind):
            return decode(inner)
    return value


def _date(value: Any) -> Any:
    """A MongoDB time as ISO 8601: it is milliseconds since 1970, or already text."""
    since = from_extended_json(value)
    if type(since) is not int:
        return since
    try:
        return (
            (_EPOCH + timedelta(milliseconds=since)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
    except OverflowError:
        return since


def _object_id(value: Any) -> Any:
    return value if isinstance(value, str) and _OBJECT_ID.fullmatch(value) else {"$oid": value}


def _binary(value: Any) -> Any:
    return value.get("base64", value) if isinstance(value, dict) else value


# MongoDB Manual, "MongoDB Extended JSON (v2)"; plus the types of version 1 that differ.
_EXTENDED_JSON: dict[str, Callable[[Any], Any]] = {
    "$oid": _object_id, "$uuid": _same, "$symbol": _same, "$code": _same, "$undefined": _null,
    "$numberInt": _number, "$numberLong": _number, "$numberDouble": _number, "$numberDecimal": _number,
    "$date": _date, "$binary": _binary,
}  # fmt: skip


def from_extended_json(value: Any) -> Any:
    """The plain value of MongoDB's extended JSON, at any nesting depth."""
    if isinstance(value, list):
        return [from_extended_json(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(kind, inner)] = value.items()
        if decode := _EXTENDED_JSON.get(kind):
            return decode(inner)
    return {key: from_extended_json(inner) for key, inner in value.items()}
