"""Converts Avro values to JSON values ("Logical Types", Apache Avro Specification)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

_EPOCH = datetime(1970, 1, 1)
_PER_SECOND = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}
Change = Callable[[Any], Any]


def digits_as_meant(number: float) -> float:
    """A 32-bit number with its intended digits: as a 64-bit number it would have many more."""
    return float(str(np.float32(number)))


def logical(kind: Mapping[str, Any]) -> Change | None:
    """How to convert a value of a logical type; None if the value needs no conversion."""
    name = str(kind.get("logicalType"))
    kept = (kind["type"], name)
    if kept == ("int", "date"):
        return _date
    if name == "decimal" and kind["type"] in ("bytes", "fixed"):
        return _decimal(int(kind.get("scale", 0)))
    what, _, unit = name.rpartition("-")
    if kind["type"] not in ("int", "long") or unit not in _PER_SECOND:
        return None
    if what == "time":
        return _time(unit)
    return _timestamp(unit, zone="Z" if what == "timestamp" else "") if what.endswith("timestamp") else None


def each_field(plains: Mapping[str, Change]) -> Change:
    return lambda record: record | {name: plain(record[name]) for name, plain in plains.items()}


def each_value(plain: Change) -> Change:
    return lambda values: {key: plain(value) for key, value in values.items()}


def each_item(plain: Change) -> Change:
    return lambda items: [plain(item) for item in items]


def by_type(plains: Mapping[type, Change | None]) -> Change:
    """For a union: the value's Python type selects the conversion."""

    def change(value: Any) -> Any:
        plain = plains.get(type(value))
        return plain(value) if plain else value

    return change


def _date(days: int) -> Any:
    try:
        return (_EPOCH + timedelta(days=days)).date()
    except OverflowError:
        return days


def _decimal(scale: int) -> Change:
    def change(value: bytes) -> Decimal:
        unscaled = int.from_bytes(value, "big", signed=True)
        # Built from digits, because arithmetic would round.
        digits = tuple(map(int, str(abs(unscaled))))
        return Decimal((int(unscaled < 0), digits, -scale))

    return change


def _time(unit: str) -> Change:
    def change(value: int) -> Any:
        whole, part = divmod(value, _PER_SECOND[unit])
        moment = _moment(whole)
        return _text(moment.time(), part, unit) if moment and 0 <= whole < 86_400 else value

    return change


def _timestamp(unit: str, zone: str) -> Change:
    def change(value: int) -> Any:
        whole, part = divmod(value, _PER_SECOND[unit])
        moment = _moment(whole)
        return f"{_text(moment, part, unit)}{zone}" if moment else value

    return change


def _moment(seconds: int) -> datetime | None:
    """The time, from seconds after the epoch; None if it is outside the calendar."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _text(moment: datetime | time, part: int, unit: str) -> str:
    digits = len(str(_PER_SECOND[unit])) - 1
    return f"{moment.isoformat()}.{part:0{digits}d}"
