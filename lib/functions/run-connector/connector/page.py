"""What a source gives at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connector.state import Position


@dataclass(frozen=True)
class Page:
    """records: what the answer holds; position: where the next page is, None after the last."""

    records: Iterable[Any]
    position: Position | None
