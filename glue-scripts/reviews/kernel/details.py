"""Says why a record cannot be published: what was looked for, where, and which kind of value was there.

The texts contain only keys and kinds of values, never a value: they reach ledgers, alerts and terminals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from reviews.contracts import Path, Place, Source
from reviews.kernel import parsing
from reviews.kernel.parsing import Number

_KEYS_SHOWN = 12
_LONGEST = 500
# A key that a person may have typed (a name, an address, a number) is not shown.
_PLAIN_KEY = re.compile(r"[$@_A-Za-z][\w$:/.-]{0,39}")
_LONG_NUMBER = re.compile(r"\d{4}")


def detail(source: Source, reason: str, record: dict[str, Any], mismatch: str | None) -> str:
    """Explains `reason` for the record; `mismatch` comes from `columns.Reader.read`."""
    return _detail(source, reason, record, mismatch)[:_LONGEST]


def of_unread(reason: str, value: Any, data: bytes) -> str | None:
    """Explains why these bytes are not an object; None if the reason says everything."""
    if reason == "NOT_UNPACKED":  # the splitter's sentence about what it did not read
        return data.decode("utf-8", "replace")[:_LONGEST]
    if reason == "NOT_AN_OBJECT":
        return f"looked for an object; the record is {kind(value)}"
    return _malformed(data) if reason == "MALFORMED_JSON" else None


def _malformed(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if parsing.begins_as_python(data):
        return "looked for a Python dict; the record begins like one, but it is not valid"
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        where = f"from character {error.pos + 1} of {len(text)} on"
        return f"looked for JSON; {where} the record is none ({error.msg.lower()})"
    except (ValueError, RecursionError):
        pass
    return "looked for JSON; a key of the record stands twice, or it is nested too deep"


def _detail(source: Source, reason: str, record: dict[str, Any], mismatch: str | None) -> str:
    if reason == "MISSING_ID":
        places = (
            [[Place(path) for path in part] for part in source.identity]
            if source.identity is not None
            else [list(source.fields[source.own_id])]
        )
        wanted = source.own_id if source.identity is None else "the natural key"
        listed = " and ".join(_places(record, part) for part in places)
        return f"looked for {wanted} in {listed}; {keys(record)}"
    if reason == "MISSING_PRODUCT":
        return f"looked for product_id in {_places(record, source.fields['product_id'])}; {keys(record)}"
    if reason == "RATING_INVALID" and source.rating is not None:
        low, high = source.rating
        return f"looked for a rating from {low:g} to {high:g} in {_places(record, source.fields['rating'])}"
    if reason == "TIMESTAMP_INVALID":
        forms = ", ".join(source.timestamps)
        return (
            f"looked for created_at, from 1990 on and written as one of [{forms}], "
            f"in {_places(record, source.fields.get('created_at', ()))}"
        )
    if reason == "TIMESTAMP_FUTURE":
        names = [name for name in ("created_at", "updated_at") if name in source.fields]
        listed = " or ".join(f"{name} in {_places(record, source.fields[name])}" for name in names)
        return f"{listed} is more than one day after the batch was registered"
    return mismatch or reason


def keys(record: dict[str, Any]) -> str:
    """The record's keys; keys that may be data themselves are only counted."""
    shown = [key for key in record if _PLAIN_KEY.fullmatch(key) and not _LONG_NUMBER.search(key)]
    shown = shown[:_KEYS_SHOWN]
    others = len(record) - len(shown)
    if not record:
        return "the record has no keys"
    if not shown:
        return f"the record has {others} keys, none of which looks like a field's name"
    return f"the record's keys are {', '.join(shown)}" + (f" and {others} more" if others else "")


def kind(value: Any) -> str:
    """The kind of a value, without the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, Number)):
        return "a number"
    if isinstance(value, str):
        return f"a text of {len(value)} characters" if value.strip() else "a blank text"
    return "an array" if isinstance(value, list) else "an object"


def mismatch(path: Path, value: Any, wanted: str) -> str:
    """Says that a value is not what the contract requires."""
    return f'"{dotted(path)}" is {kind(value)}, not {wanted}'


def dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _places(record: dict[str, Any], places: Iterable[Place]) -> str:
    return " or ".join(_place(record, place) for place in places)


def _place(record: dict[str, Any], place: Place) -> str:
    if place.file_name is not None:
        return f"the file's name by {place.file_name}"
    by = f" by {place.match}" if place.match is not None else ""
    return f'"{dotted(place.path)}"{by} ({_found(record, place.path)})'


def _found(record: dict[str, Any], path: Path) -> str:
    at: Any = record
    for key in path:
        if isinstance(key, str):
            if not isinstance(at, dict) or key not in at:
                return "missing"
            at = at[key]
        else:
            if not isinstance(at, list) or key >= len(at):
                return "missing"
            at = at[key]
    return kind(at)
