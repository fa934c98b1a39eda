"""The one strict parse: one record's bytes to Python values, or the reason why not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from reviews.splitter import python_dict

# Jackson, which reads JSON for Spark and Snowflake's Java tools, refuses what is nested deeper than this.
MAX_DEPTH = 1000
_DEEP = 900  # so many brackets, and the depth is counted

# A Python dict begins so, whatever notation its contract names; JSON never does.
_DICT_START = re.compile(rb"\s*\{\s*[uU]?'")

_BYTE_ORDER_MARK = "\ufeff"
# Bare NaN, Infinity and -Infinity outside strings; a string is matched whole and put back.
_NON_NUMBER = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|-?(?:NaN|Infinity)', re.DOTALL)
# Half a surrogate pair, which no UTF-8 text can hold; pairs and all other escapes are matched whole and
# put back.
_HALF_SURROGATE = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F]).)"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}",
    re.DOTALL,
)


class Number(str):
    """A JSON number with a point or an exponent, as written: no digit of it is lost."""

    __slots__ = ()


@dataclass(frozen=True)
class Unreadable:
    """Stands for a record that is no JSON value."""

    reason: str
    """A reason of contracts/outcomes.json."""


@dataclass(frozen=True)
class Deleted(Unreadable):
    """Stands for a record that says that a review was deleted."""

    record: dict[str, Any]
    """What identifies the review, in its source's fields."""
    at: str | None
    """When it was deleted, as it is written; None where the record does not say."""
    by: str
    """SOURCE or ERASURE."""


_ZERO = msgspec.Raw(b"0")
_decode = msgspec.json.Decoder(float_hook=Number).decode
_encode_shape = msgspec.json.Encoder(enc_hook=lambda _number: _ZERO).encode
_encode = msgspec.json.Encoder(enc_hook=lambda number: msgspec.Raw(number.encode())).encode


def parse(records: Iterable[bytes]) -> list[Any]:
    """The value of each record; `Unreadable` where it is none.

    Objects are dicts; numbers int where they are whole and written so, else `Number`.
    """
    # The common case stays in this loop: one function call per record would cost as much as its checks.
    values: list[Any] = []
    add, decode, encode = values.append, _decode, _encode_shape
    for record in records:
        try:
            value = decode(record)
            # Of several equal keys msgspec keeps the last. The value, written again, then has fewer
            # colons than the record; only an escaped colon could make up for that.
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
    """Like `parse`, with Python's parser and every check: no key twice, no text after the value, bounded
    depth."""
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable("ENCODING")
    text = text.removeprefix(_BYTE_ORDER_MARK)
    if r"\ud" in text or r"\uD" in text:
        text = _HALF_SURROGATE.sub(lambda found: found.group(1) or "?", text)
    attempts = [text]
    # Producers in Python and JavaScript write NaN and Infinity, which JSON has not: they count as null.
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
    """Like `parse`, of records in Python's notation (`syntax: python-dict`); JSON is taken as well."""
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
    """JSON of a parsed value: compact, keys in their order, numbers as they were written."""
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
