"""Values of MongoDB: as JSON has them, and as a position keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bson import (
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    json_util,
)
from bson.binary import UuidRepresentation

from connector.sql_values import as_json as scalar_as_json

# Types that _id may have after null, in MongoDB's order. "Comparison/Sort Order", MongoDB Manual. To Python a
# bool is an int.
_ORDER: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("number", (int, float, Decimal128)),
    ("string", (str,)),
    ("object", (Mapping,)),
    ("binData", (bytes, UUID)),
    ("objectId", (ObjectId,)),
    ("bool", (bool,)),
    ("date", (datetime, DatetimeMS)),
    ("timestamp", (Timestamp,)),
)
# Values without a form of their own in JSON.
_EXTENDED = (Code, DatetimeMS, DBRef, MaxKey, MinKey, Regex, Timestamp)
_KEPT = json_util.CANONICAL_JSON_OPTIONS.with_options(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


def as_json(value: Any) -> Any:
    """A value that JSON can hold, without losing any of it.

    Identifiers and exact numbers become text, times ISO 8601 in UTC, bytes Base64; what JSON has no form for
    is written as MongoDB's Extended JSON.
    """
    if isinstance(value, _EXTENDED):
        return as_json(json_util.default(value, json_util.RELAXED_JSON_OPTIONS))
    if isinstance(value, Mapping):
        return {str(name): as_json(found) for name, found in value.items()}
    if isinstance(value, list):
        return [as_json(found) for found in value]
    return scalar_as_json(value)


def as_kept(values: list[Any]) -> str:
    """A place, so that `from_kept` gives back the very same values."""
    return json_util.dumps(values, json_options=_KEPT)


def from_kept(kept: str) -> list[Any]:
    """The values that `as_kept` was given."""
    values: list[Any] = json_util.loads(kept, json_options=_KEPT)
    return values


def of_extended_json(document: Mapping[str, Any]) -> dict[str, Any]:
    """A contract's document as MongoDB has it."""
    made: dict[str, Any] = json_util.loads(json_util.dumps(document), json_options=_KEPT)
    return made


def types_after(value: Any) -> list[str]:
    """Names of the types of _id that a sort puts after a value's: a comparison finds only the value's own."""
    place = max((number for number, (_, types) in enumerate(_ORDER) if isinstance(value, types)), default=-1)
    return [name for name, _ in _ORDER[place + 1 :]]
