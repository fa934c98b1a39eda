"""Date patterns of source contracts: the letters of Java's DateTimeFormatter that producers' times need."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from reviews.errors import ContractError

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']", re.DOTALL)
_NAMES = {"MMM": [month[:3] for month in _MONTHS], "MMMM": list(_MONTHS)}
_NUMBERS = {
    "yyyy": ("year", r"\d{4}"), "M": ("month", r"\d{1,19}"), "MM": ("month", r"\d\d"),
    "d": ("day", r"\d{1,19}"), "dd": ("day", r"\d\d"), "H": ("hour", r"\d{1,19}"), "HH": ("hour", r"\d\d"),
    "h": ("half_hour", r"\d{1,19}"), "hh": ("half_hour", r"\d\d"),
    "m": ("minute", r"\d{1,19}"), "mm": ("minute", r"\d\d"),
    "s": ("second", r"\d{1,19}"), "ss": ("second", r"\d\d"),
}  # fmt: skip


@functools.cache
def compiled(pattern: str) -> Callable[[str], datetime | None]:
    """A function that parses a text by `pattern` into a time (UTC), or None if the text does not match.

    Raises:
        ContractError: the pattern has a letter that is not supported.
    """
    expression = re.compile(
        "".join(_expression(letters, pattern) for letters in _tokens(pattern)), re.ASCII | re.I
    )
    months = next((names for names in _NAMES.values() if f"({'|'.join(names)})" in expression.pattern), [])

    def read(text: str) -> datetime | None:
        found = expression.fullmatch(text)
        return None if found is None else _time(found.groupdict(), months)

    return read


def _tokens(pattern: str) -> list[str]:
    found = [match.group() for match in _TOKEN.finditer(pattern)]
    if "".join(found) != pattern:
        raise ContractError(f"timestamps: {pattern!r} has a quote that is not closed")
    return found


def _expression(letters: str, pattern: str) -> str:
    if letters in _NUMBERS:
        name, digits = _NUMBERS[letters]
        return f"(?P<{name}>{digits})"
    if letters in _NAMES:
        return f"(?P<month_name>({'|'.join(_NAMES[letters])}))"
    if letters == "EEE":
        return f"(?:{'|'.join(_DAYS)})"
    if letters == "Z":
        return r"(?P<offset>[+-]\d{4})"
    if letters == "a":
        return "(?P<half>AM|PM)"
    if letters[0].isalpha():
        known = ", ".join([*_NUMBERS, *_NAMES, "EEE", "Z", "a"])
        raise ContractError(f"timestamps: {letters!r} in {pattern!r} is not known; known are {known}")
    return re.escape(letters[1:-1].replace("''", "'") or "'" if letters[0] == "'" else letters)


def _zone(offset: str | None) -> timezone:
    if offset is None:
        return UTC
    distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    return timezone(-distance if offset[0] == "-" else distance)


def _time(parts: dict[str, str | None], months: list[str]) -> datetime | None:
    def number(name: str, default: int) -> int:
        return int(parts.get(name) or default)

    month = number("month", 1)
    if name := parts.get("month_name"):
        month = months.index(name.lower()) + 1
    hour = number("hour", 0)
    if (half_hour := parts.get("half_hour")) is not None:
        if not 1 <= int(half_hour) <= 12:
            return None
        hour = int(half_hour) % 12 + (12 if (parts.get("half") or "am").lower() == "pm" else 0)
    try:
        return datetime(
            number("year", 1970),
            month,
            number("day", 1),
            hour,
            number("minute", 0),
            number("second", 0),
            tzinfo=_zone(parts.get("offset")),
        )
    except (ValueError, OverflowError):
        return None
