"""File formats by their first bytes (contracts/file-formats.json)."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from reviews import tables

HEAD_BYTES = 512
"""This many bytes are enough to recognise every format."""


@dataclass(frozen=True)
class Format:
    name: str
    reader: str | None
    signs: tuple[tuple[int, bytes], ...]
    """Offset and bytes, all of which must be there."""


@functools.cache
def _formats() -> tuple[Format, ...]:
    document = json.loads(tables.read_contract("file-formats.json"))
    return tuple(
        Format(
            entry["name"],
            entry.get("reader"),
            tuple(
                (sign.get("offset", 0), bytes.fromhex(sign["magic"]))
                for sign in (entry, entry.get("also"))
                if sign
            ),
        )
        for entry in document["formats"]
    )


def of(head: bytes) -> Format | None:
    """The format of a file that begins with these bytes; None if they match no known format."""
    for found in _formats():
        if all(head[offset : offset + len(magic)] == magic for offset, magic in found.signs):
            return found
    return None
