"""JSON of a value with very many small parts, which take many times its size once they are unpacked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

LARGE = 1024**2
"""What is not unpacked as a whole where it is larger (bytes)."""

GROUP = 64 * 1024
"""What is unpacked together of a large value (bytes)."""

# What Python takes for an object, with its table of up to five fields; and for a part, with a short value
# (bytes, CPython 3.13).
_OBJECT_BYTES = 184
_PART_BYTES = 64

_SLICE = 1024**2
_TOGETHER = 1_000


@dataclass(frozen=True)
class JsonText:
    """A value as JSON in one line, in pieces: of a record, or of a PartlyPacked within it."""

    pieces: Sequence[str]

    @classmethod
    def of(cls, pieces: Iterator[str]) -> JsonText:
        """Of pieces of which many are small."""
        return cls(["".join(some) for some in batched(pieces, _TOGETHER, strict=False)])


class PartlyPacked(dict[str, Any]):
    """An object within a record that has values of JsonText."""


def encoded(record: Any, *, sort_keys: bool = False) -> Iterator[bytes]:
    """A record as JSON in one line, in pieces: a copy of a large one would be as large as it is."""
    for text in _texts(record, sort_keys):
        for start in range(0, len(text), _SLICE):
            yield text[start : start + _SLICE].encode()


def dumped(value: Any, *, sort_keys: bool = False) -> str:
    """A value without any JsonText as JSON in one line."""
    return json.dumps(value, sort_keys=sort_keys, separators=(",", ":"))


def memory_of(value: Any) -> int:
    """About how much memory a value takes (bytes)."""
    if isinstance(value, JsonText):
        return sum(map(len, value.pieces))
    if _has_text(value):
        return sum(map(memory_of, value.values()))
    return memory_of_json(dumped(value).encode())


def memory_of_json(text: bytes) -> int:
    """About how much memory the value of a text of JSON takes (bytes)."""
    return len(text) + _OBJECT_BYTES * text.count(b"{") + _PART_BYTES * text.count(b",")


def _texts(value: Any, sort_keys: bool) -> Iterator[str]:
    if isinstance(value, JsonText):
        yield from value.pieces
    elif _has_text(value):
        before = "{"
        for name in sorted(value) if sort_keys else value:
            yield f"{before}{dumped(name)}:"
            yield from _texts(value[name], sort_keys)
            before = ","
        yield "}"
    else:
        yield dumped(value, sort_keys=sort_keys)


def _has_text(value: Any) -> bool:
    # No further down: a record may be deeper than Python's stack.
    return isinstance(value, dict) and any(
        isinstance(found, (JsonText, PartlyPacked)) for found in value.values()
    )
