"""The field by which a run knows what is new, as a number: seconds since 1970, or what the source counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_A_DAY = 86_400.0
EXACT = 2**53
"""Greater integers are not exact as the floating-point numbers that a state keeps."""

_FACTORS = {"epoch-seconds": 1.0, "epoch-milliseconds": 1_000.0, "number": 1.0}


@dataclass(frozen=True)
class Cursor:
    """field: where it is in a record; parameter: by which the source gives only what is as new as a value."""

    field: Sequence[str]
    form: str
    parameter: str | None = None
    newest_first: bool = False
    overlap: float = _A_DAY

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Cursor:
        """Take over what the contract says."""
        return cls(
            field=tuple(document["field"]),
            form=document["form"],
            parameter=document.get("parameter"),
            newest_first=document.get("order") == "newest-first",
            overlap=float(document.get("overlap", _A_DAY)),
        )

    def value(self, record: object) -> float | None:
        """The record's value; None where it has none that can be read."""
        found: Any = record
        for key in self.field:
            found = found.get(key) if isinstance(found, dict) else None
        if found is None or isinstance(found, bool):
            return None
        try:
            number = _seconds(str(found)) if self.form == "iso" else float(found) / _FACTORS[self.form]
        except (TypeError, ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def text(self, value: float) -> str:
        """A value as the source's parameter takes it, never a later one."""
        if self.form == "iso":
            return datetime.fromtimestamp(math.floor(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(math.floor(value * _FACTORS[self.form]))

    def integer(self, value: float) -> int:
        """A value as the source's own integer, never a later one; not of dates, which are none."""
        number = value * _FACTORS[self.form]
        return math.floor(number if abs(number) < EXACT else math.nextafter(number, -math.inf))

    def known(self, value: float, now: float) -> float:
        """The value, but no time to come: one wrong clock at the source must not hide all that follows."""
        return value if self.form == "number" else min(value, now)


def _seconds(text: str) -> float:
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
