"""What a source gives at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connector.state import Position

PAGE_BYTES = 16 * 1024**2
"""Text of a page of a database, about: large records must not fill the memory (bytes)."""


@dataclass(frozen=True)
class Page:
    """records: what the answer holds; position: where the next page is, None after the last."""

    records: Iterable[Any]
    position: Position | None
