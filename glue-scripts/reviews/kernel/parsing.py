"""The single strict parser: converts one record's bytes to Python values, or gives the reason why not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from reviews.splitter import python_dict

# Jackson, which reads JSON for Spark and Snowflake's Java tools, refuses deeper nesting.
MAX_DEPTH = 1000
_DEEP = 900  # with more brackets than this, the depth is counted

# A Python dict begins like this, for any syntax of its contract; JSON never does.
_DICT_START = re.compile(rb"\s*\{\s*[uU]?'")

_BYTE_ORDER_MARK = "\ufeff"
# Bare NaN, Infinity and -Infinity outside strings; a string is matched whole and put back.
_NON_NUMBER = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|-?(?:NaN|Infinity)', re.DOTALL)
# Half a surrogate pair, which UTF-8 cannot encode; pairs and all other escapes are matched whole and put
# back.
_HALF_SURROGATE = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F]).)"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}",
    re.DOTALL,
)


class Number(str):
    """A JSON number with a point or an exponent, as written: it loses no digit."""

    __slots__ = ()


@dataclass(frozen=True)
class Unreadable:
    """Represents a record that is not a JSON value."""

    reason: str
    """A reason of contracts/outcomes.json."""


@dataclass(frozen=True)
class Deleted(Unreadable):
    """Represents a record that reports a deleted review."""

    record: dict[str, Any]
    """The fields of the source that identify the review."""
    at: str | None
    """The time of the deletion, as written; None if the record has none."""
    by: str
    """SOURCE or ERASURE."""


_ZERO = msgspec.Raw(b"0")
_decode = msgspec.json.Decoder(float_hook=Number).decode
_encode_shape = msgspec.json.Encoder(enc_hook=lambda _number: _ZERO).encode
_encode = msgspec.json.Encoder(enc_hook=lambda number: msgspec.Raw(number.encode())).encode


def parse(records: Iterable[bytes]) -> list[Any]:
    """The value of each record; `Unreadable` if it is not valid JSON.

    Objects are dicts; numbers are int if they are written as whole numbers, or else `Number`.
    """
    # The common case is inline: one function call per record would cost as much as its checks.
    values: list[Any] = []
    add, decode, encode = values.append, _decode, _encode_shape
    for record in records:
        try:
            value = decode(record)
            # msgspec keeps the last of several equal keys. Encoded again, such a value has fewer colons
            # than the record; only an escaped colon could hide that.
            if (
                encode(value).count(b":") != record.count(b":")
                or (b"\\" in record and b"\\u003" in record)
                or (len(record) > _DEEP and record.count(b"[") + record.count(b"{") > _DEEP)
            ):
                value = parse_slowly(record)
        except (msgspec.DecodeError, ValueError, RecursionError):
            value = parse_slowly(record)
        add(value)
    return values


def parse_slowly(record: bytes) -> Any:
    """Like `parse`, with Python's parser and every check: no repeated key, no text after the value, limited
    depth."""
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable("ENCODING")
    text = text.removeprefix(_BYTE_ORDER_MARK)
    if r"\ud" in text or r"\uD" in text:
        text = _HALF_SURROGATE.sub(lambda found: found.group(1) or "?", text)
    attempts = [text]
    # Producers in Python and JavaScript write NaN and Infinity, which JSON lacks: they count as null.
    if "NaN" in text or "Infinity" in text:
        attempts.append(_NON_NUMBER.sub(lambda found: found.group(1) or "null", text))
    for attempt in attempts:
        try:
            value = json.loads(
                attempt, object_pairs_hook=_object, parse_float=Number, parse_constant=_no_number
            )
        except (ValueError, RecursionError):
            continue
        if not _is_too_deep(value):
            return value
    if begins_as_python(record):
        [value] = parse_python([record])
        return value
    return Unreadable("MALFORMED_JSON")


def begins_as_python(record: bytes) -> bool:
    """Whether a record can only be a Python dict."""
    return _DICT_START.match(record) is not None


def parse_python(records: Iterable[bytes]) -> list[Any]:
    """Like `parse`, for records in Python's syntax (`syntax: python-dict`); JSON is accepted, too."""
    records = list(records)
    texts = [python_dict.to_json(record) for record in records]
    values = parse(b"null" if text is None else text for text in texts)
    for place, text in enumerate(texts):
        if text is None:
            values[place] = _unreadable(records[place])
    return values


def _unreadable(record: bytes) -> Unreadable:
    try:
        record.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable("ENCODING")
    return Unreadable("MALFORMED_JSON")


def dumps(value: Any) -> str:
    """A parsed value as compact JSON: keys in their original order, numbers as they were written."""
    return _encode(value).decode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
