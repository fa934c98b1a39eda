"""What a connector remembers of one list of records between its runs."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Records whose repetition is noticed: a table of them may have been filled in one moment.
SEEN_LIMIT = 200_000

_ENTRY = struct.Struct(">d8s")

# Where the next page is: a URL and its parameters.
type Position = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """sequence, stored: objects and records stored so far.
    counted: records at the source when they were counted, those that had been read by then.
    watermark: the newest cursor of all readings that came to their end.
    position, highest: of a reading that did not, the page to go on with and the newest cursor so far.
    seen: digests of the newest records, with their cursors, so that an overlap publishes nothing twice.
    """

    sequence: int = 0
    stored: int = 0
    counted: int | None = None
    watermark: float | None = None
    position: Position | None = None
    highest: float | None = None
    seen: Mapping[bytes, float] = field(default_factory=dict)

    def as_item(self) -> dict[str, Any]:
        """The state in two attributes, of which the second is small for what it holds."""
        figures = {
            "sequence": self.sequence,
            "stored": self.stored,
            "counted": self.counted,
            "watermark": self.watermark,
            "position": self.position,
            "highest": self.highest,
        }
        seen = b"".join(_ENTRY.pack(value, digest) for digest, value in self.seen.items())
        return {"figures": json.dumps(figures), "seen": seen}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> State:
        """The state that `as_item` wrote."""
        seen = {digest: value for value, digest in _ENTRY.iter_unpack(bytes(item["seen"]))}
        return cls(**json.loads(item["figures"]), seen=seen)


def newest(seen: Mapping[bytes, float], since: float | None) -> dict[bytes, float]:
    """Those that the next run may meet again: not older than the overlap, and no more than fit."""
    kept = [(value, digest) for digest, value in seen.items() if since is None or value >= since]
    return {digest: value for value, digest in sorted(kept)[-SEEN_LIMIT:]}
