"""Which version of each object has been copied.

Sixteen bytes for each, in items of the ledger table by the first byte of a name's hash: what a copy writes
stays small, and a listing of any order is compared without a call for each object.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

# An item holds 400 KB, some 25,000 objects; what is in all of them must fit into the function's memory.
# "Quotas in Amazon DynamoDB", Amazon DynamoDB Developer Guide.
MOST = 1_000_000

_ENTRY = struct.Struct(">8s8s")


class Shelf(Protocol):
    """Where the items are."""

    def load(self) -> Iterable[tuple[int, int, bytes]]:
        """Number, revision and content of each item that is there."""

    def save(self, number: int, revision: int, content: bytes) -> None:
        """Write an item, if its predecessor is still there; else OvertakenError."""


class Copied:
    """Knows objects by name and version. Nothing is kept until `save`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._versions: dict[bytes, bytes] = {}
        self._revisions: dict[int, int] = {}
        self._changed: set[int] = set()
        for number, revision, content in shelf.load():
            self._revisions[number] = revision
            self._versions.update(_ENTRY.iter_unpack(content))

    def __len__(self) -> int:
        return len(self._versions)

    def has(self, name: str, version: str) -> bool:
        """Whether this version was copied last."""
        return self._versions.get(_hash(name)) == _hash(version)

    def add(self, name: str, version: str) -> None:
        """Note a copy."""
        named = _hash(name)
        self._versions[named] = _hash(version)
        self._changed.add(named[0])

    def keep_only(self, names: set[bytes]) -> None:
        """Forget what is no longer at the source; names: those that are, as `named` gives them."""
        for gone in self._versions.keys() - names:
            del self._versions[gone]
            self._changed.add(gone[0])

    def save(self) -> None:
        """Keep what has changed. Raises OvertakenError."""
        contents: dict[int, list[bytes]] = {number: [] for number in self._changed}
        for named, version in self._versions.items():
            if named[0] in contents:
                contents[named[0]].append(_ENTRY.pack(named, version))
        for number, entries in contents.items():
            revision = self._revisions.get(number, 0) + 1
            self._shelf.save(number, revision, b"".join(sorted(entries)))
            self._revisions[number] = revision
            self._changed.discard(number)


def named(name: str) -> bytes:
    """What stands for an object's name."""
    return _hash(name)


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
