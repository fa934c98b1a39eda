"""From a text to a typed value, exactly: what the SQL of `typing.py` falls back to for all but the
plainest texts.

Every function gives None where the text is no such value. The rules are those of Spark SQL's casts, by which
the published tables have always been typed.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from reviews.kernel import patterns

# From here on an epoch time is in milliseconds: as seconds it would be the year 5138, as milliseconds 1973.
MILLISECONDS_FROM = 100_000_000_000
# Ten times the year 5138 in milliseconds.
EPOCH_LIMIT = 1_000_000_000_000_000

_BLANK = "".join(map(chr, range(33))) + "\x7f"
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LARGE_EXPONENT = 1000  # far beyond every column; a larger one would only cost time
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?(.*))?)?)?)?",
    re.ASCII | re.DOTALL,
)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d\d?)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_MAX_OFFSET = timedelta(hours=18)
# java.time.ZoneId.SHORT_IDS, which Spark allows beside the names of regions.
_SHORT_ZONES = {
    "ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
    "EST": "-05:00", "MST": "-07:00", "HST": "-10:00",
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def whole(text: str, bits: int) -> int | None:
    """A signed integer of so many bits; commas are thousands separators."""
    digits = text.replace(",", "").strip(_BLANK)
    if _WHOLE.fullmatch(digits) is None or len(digits) > _LARGE_EXPONENT:
        return None
    value = int(digits)
    return value if -(1 << bits - 1) <= value < 1 << bits - 1 else None


def decimal(text: str, precision: int, scale: int) -> Decimal | None:
    """A decimal, rounded half up to `scale` places; None where it needs more than `precision` digits."""
    digits = text.strip(_BLANK)
    if _DECIMAL.fullmatch(digits) is None or len(digits) > _LARGE_EXPONENT:
        return None
    value = Decimal(digits)
    if abs(value.adjusted()) > _LARGE_EXPONENT and value:
        return Decimal(0).scaleb(-scale) if value.adjusted() < 0 else None
    rounded = _quantized(value, scale)
    return rounded if len(rounded.as_tuple().digits) <= precision else None


def _quantized(value: Decimal, scale: int) -> Decimal:
    # By integers: the context's precision must not bound what is still to be judged.
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
    """A decimal(12,2), as text; commas are thousands separators."""
    value = decimal(text.replace(",", ""), 12, 2)
    return None if value is None else f"{value:f}"


def real(text: str) -> float | None:
    """A double, by way of decimal(18,9): neither NaN nor Infinity nor Java's "5d" is one."""
    value = decimal(text, 18, 9)
    return None if value is None else float(value)


def timestamp(text: str, form: str) -> int | None:
    """Microseconds since 1970 in UTC, of a text in one of the `timestamps` of
    contracts/source.schema.json."""
    if form == "iso":
        return _iso(text)
    if form == "epoch":
        return _epoch(text)
    return _micros(patterns.compiled(form)(text))


def _epoch(text: str) -> int | None:
    value = decimal(text, 24, 6)
    if value is None or abs(value) >= EPOCH_LIMIT:
        return None
    return int(value * (1000 if abs(value) >= MILLISECONDS_FROM else 1_000_000))


def _iso(text: str) -> int | None:
    # Bare numbers are no dates: only what looks like one goes on.
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
    parts = (int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    try:
        return _micros(datetime(*parts, micros, tzinfo=offset))
    except ValueError:
        return None


def _micros(time: datetime | None) -> int | None:
    if time is None:
        return None
    # By the offset, and not by subtraction alone: near the years 1 and 9999 UTC may lie outside of datetime.
    return (time.replace(tzinfo=UTC) - _EPOCH - (time.utcoffset() or timedelta())) // _MICROSECOND


@functools.lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo | None:
    if name == "Z":
        return UTC
    name = re.sub(r"([+-])(\d):", r"\g<1>0\2:", name, count=1)
    name = re.sub(r"([+-])(\d\d):(\d)$", r"\1\2:0\3", name, count=1)
    name = _SHORT_ZONES.get(name, name)
    if found := _OFFSET.fullmatch(name):
        sign, hours, minutes, seconds = found.groups()
        if int(minutes or 0) > 59 or int(seconds or 0) > 59:
            return None
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
        return timezone(-offset if sign == "-" else offset) if offset <= _MAX_OFFSET else None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not known, a folder, or no possible name
        return None
