"""Exact conversion from a text to a typed value: the SQL of `typing.py` falls back to it for all but the
plainest texts.

Every function returns None if the text is not such a value, or is ambiguous. docs/values.md has the rules.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from reviews.kernel import patterns

# From this value, an epoch time is in milliseconds: as seconds it is the year 5138, as milliseconds 1973.
MILLISECONDS_FROM = 100_000_000_000
# The same limits for microseconds and nanoseconds, and the largest time in nanoseconds.
MICROSECONDS_FROM = 1000 * MILLISECONDS_FROM
_NANOSECONDS_FROM = 1000 * MICROSECONDS_FROM
_EPOCH_LIMIT = 1000 * _NANOSECONDS_FROM

_BLANK = "".join(map(chr, range(33))) + "\x7f"
# Commas are thousands separators only between groups of three digits. At most two zeros may follow the
# point, because "1.000" means one thousand in many countries.
_WHOLE = re.compile(r"([+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+))(?:\.0{1,2})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LARGE_EXPONENT = 1000  # far beyond every column; a larger exponent would only cost time
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?(.*))?)?)?",
    re.ASCII | re.DOTALL,
)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d\d?)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_MAX_OFFSET = timedelta(hours=18)
# The zone letters of RFC 5322 ("Obsolete Date and Time"); each has one offset, in summer and winter.
# Other letters are ambiguous (IST, BST), so a time with them is invalid.
_LETTER_ZONES = {
    "UT": "+00:00", "UTC": "+00:00", "GMT": "+00:00",
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
    "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def whole(text: str, bits: int) -> int | None:
    """A signed integer of this number of bits; "1,341" is one, "1,2" is not."""
    found = _WHOLE.fullmatch(text.strip(_BLANK))
    if found is None or len(text) > _LARGE_EXPONENT:
        return None
    value = int(found.group(1).replace(",", ""))
    return value if -(1 << bits - 1) <= value < 1 << bits - 1 else None


def decimal(text: str, precision: int, scale: int) -> Decimal | None:
    """A decimal, rounded half up to `scale` places; None if it needs more than `precision` digits."""
    digits = text.strip(_BLANK)
    if _DECIMAL.fullmatch(digits) is None or len(digits) > _LARGE_EXPONENT:
        return None
    value = Decimal(digits)
    if abs(value.adjusted()) > _LARGE_EXPONENT and value:
        return Decimal(0).scaleb(-scale) if value.adjusted() < 0 else None
    rounded = _quantized(value, scale)
    return rounded if len(rounded.as_tuple().digits) <= precision else None


def _quantized(value: Decimal, scale: int) -> Decimal:
    # With integers: the precision of the decimal context must not limit a value that is still unchecked.
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - no NaN or Infinity gets here
    shift = exponent + scale
    number = int("".join(map(str, digits)))
    if shift >= 0:
        number *= 10**shift
    else:
        quotient, rest = divmod(number, 10**-shift)
        number = quotient + (2 * rest >= 10**-shift)
    return Decimal((sign, tuple(map(int, str(number))), -scale))


def money(text: str) -> str | None:
    """A decimal(12,2), as text, rounded half up; commas as in `whole`."""
    if "," in text and _GROUPED.fullmatch(text.strip(_BLANK)) is None:
        return None
    value = decimal(text.replace(",", ""), 12, 2)
    return None if value is None else f"{value:f}"


def real(text: str) -> float | None:
    """A double with a magnitude below 1e9, unrounded; NaN, Infinity and Java's "5d" are not accepted."""
    if decimal(text, 18, 9) is None:
        return None
    return float(text.strip(_BLANK))


def timestamp(text: str, form: str) -> int | None:
    """Microseconds since 1970 in UTC, for a text in one of the `timestamps` forms of
    contracts/source.schema.json."""
    if form == "iso":
        return _iso(text)
    if form == "epoch":
        return _epoch(text)
    return _micros(patterns.compiled(form)(text))


def _epoch(text: str) -> int | None:
    value = decimal(text, 27, 6)
    if value is None or (size := abs(value)) >= _EPOCH_LIMIT:
        return None
    if size >= _NANOSECONDS_FROM:
        return int(value / 1000)
    if size >= MICROSECONDS_FROM:
        return int(value)
    return int(value * (1000 if size >= MILLISECONDS_FROM else 1_000_000))


def _iso(text: str) -> int | None:
    # Bare numbers are not dates: only a text that looks like a date continues.
    if text[4:5] != "-":
        return None
    found = _ISO.fullmatch(text.strip(_BLANK))
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = _zone((zone or "").strip(" ")) if (zone or "").strip(" ") else UTC
    if offset is None:
        return None
    micros = int((fraction or "")[:6].ljust(6, "0"))
    parts = (int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    try:
        return _micros(datetime(*parts, micros, tzinfo=offset))
    except ValueError:
        return None


def _micros(time: datetime | None) -> int | None:
    if time is None:
        return None
    # The offset is subtracted separately: near the years 1 and 9999, the UTC time may not fit into datetime.
    return (time.replace(tzinfo=UTC) - _EPOCH - (time.utcoffset() or timedelta())) // _MICROSECOND


@functools.lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo | None:
    if name == "Z":
        return UTC
    name = re.sub(r"([+-])(\d):", r"\g<1>0\2:", name, count=1)
    name = re.sub(r"([+-])(\d\d):(\d)$", r"\1\2:0\3", name, count=1)
    name = _LETTER_ZONES.get(name, name)
    if found := _OFFSET.fullmatch(name):
        sign, hours, minutes, seconds = found.groups()
        if int(minutes or 0) > 59 or int(seconds or 0) > 59:
            return None
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
        return timezone(-offset if sign == "-" else offset) if offset <= _MAX_OFFSET else None
    if "/" not in name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown zone, a folder, or an impossible name
        return None
