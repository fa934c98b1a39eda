"""Values of a database: as JSON has them, and as a position keeps them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from connector.json_text import LARGE, JsonText, memory_of


def as_json(value: Any) -> Any:
    """A value that JSON can hold, without losing any of it: exact numbers become text, bytes Base64."""
    match value:
        case JsonText():
            return parsed("".join(value.pieces))
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case datetime():
            return _in_utc(value).isoformat()
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(value).decode()
        case list() | tuple() | set():
            return [as_json(found) for found in value]
        case Mapping():
            return {str(name): as_json(found) for name, found in value.items()}
        case _:
            return str(value)


def parsed(value: Any) -> Any:
    """What a text of JSON says; any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=str)
    except ValueError:
        return value


def unpacked(value: JsonText | str) -> Any:
    """What a text of JSON says; a large one stays JSON; a text that is none stays a text.

    Of a JsonText nobody doubts that it is JSON.
    """
    text = "".join(value.pieces) if isinstance(value, JsonText) else value
    if len(text) <= LARGE:
        return parsed(text)
    if not isinstance(value, JsonText) and not _is_json(text):
        return text
    # Between values only: within a text JSON has no such characters.
    return JsonText([text.replace("\n", " ").replace("\r", " ")])


def _is_json(text: str) -> bool:
    """Whether it is JSON, without keeping its objects."""
    try:
        json.loads(text, object_pairs_hook=lambda _: None, parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def size_of(value: Any) -> int:
    """About how much memory a value of `as_json` takes (bytes)."""
    if isinstance(value, str):
        return len(value)
    return memory_of(value) if isinstance(value, (list, dict, JsonText)) else 8


def as_kept(value: Any) -> Any:
    """A cursor or a key, so that `from_kept` gives back the very same value."""
    match value:
        case datetime() | date() | Decimal() | UUID():
            return {type(value).__name__: str(value)}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case _:
            return value


_KEPT: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
    "bytes": base64.b64decode,
}


def from_kept(kept: Any) -> Any:
    """The value that `as_kept` was given."""
    if not isinstance(kept, dict):
        return kept
    [(name, text)] = kept.items()
    return _KEPT[name](text)


def _in_utc(value: datetime) -> datetime:
    """Sessions of the connector are in UTC, so a time without a zone is taken for one."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
