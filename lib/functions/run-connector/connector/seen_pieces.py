"""What is remembered of a long list does not fit into one item of DynamoDB: it is kept in pieces beside it.

Pieces are named by what they hold and never change: an entry that refers to them is always whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

# An item holds 400 KB: an entry with two states, or a piece. "Quotas in Amazon DynamoDB", Amazon DynamoDB
# Developer Guide.
INLINE_BYTES = 170_000
PIECE_BYTES = 380_000


class SeenPieces:
    """The pieces of one connector's lists."""

    def __init__(self, table: Table, partition: str) -> None:
        self._table = table
        self._partition = partition
        # Those that are there, by list and name: a state is written twice, with an object and after it.
        self._kept: dict[str, dict[str, int]] = {}

    def put(self, stream: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """A state as its entry holds it: with the digests, or with the name of their pieces."""
        seen: bytes = state["seen"]
        if len(seen) <= INLINE_BYTES:
            return dict(state)
        name = sha256(seen).hexdigest()[:16]
        starts = range(0, len(seen), PIECE_BYTES)
        if name not in self._kept.setdefault(stream, {}):
            for number, start in enumerate(starts):
                piece = seen[start : start + PIECE_BYTES]
                self._table.put_item(Item={**self._key(stream, name, number), "seen": piece})
            self._kept[stream][name] = len(starts)
        return {"figures": state["figures"], "seenIn": name, "pieces": len(starts)}

    def get(self, stream: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The state that was put. The records of a piece that somebody has deleted come once more."""
        if "seenIn" not in kept:
            return dict(kept)
        name, count = kept["seenIn"], int(kept["pieces"])
        self._kept.setdefault(stream, {})[name] = count
        return {"figures": kept["figures"], "seen": b"".join(self._pieces(stream, name, count))}

    def drop_others(self, stream: str, *states: Mapping[str, Any] | None) -> None:
        """Delete the pieces to which no state of the entry refers any more."""
        needed = {state.get("seenIn") for state in states if state}
        kept = self._kept.get(stream, {})
        for name in [name for name in kept if name not in needed]:
            for number in range(kept.pop(name)):
                self._table.delete_item(Key=self._key(stream, name, number))

    def _pieces(self, stream: str, name: str, count: int) -> Iterator[bytes]:
        for number in range(count):
            item = self._table.get_item(Key=self._key(stream, name, number), ConsistentRead=True).get("Item")
            if item:
                yield bytes(item["seen"])  # type: ignore[arg-type]

    def _key(self, stream: str, name: str, number: int) -> dict[str, str]:
        return {"object": self._partition, "version_id": f"{stream}#seen-{name}-{number}"}
