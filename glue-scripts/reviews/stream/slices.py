"""The messages of one partition as objects in the raw bucket.

Runs in Spark's tasks. The offsets of a batch are in the checkpoint before it starts, so a batch that is
repeated after a kill makes objects of the same names with the same lines, and none is stored twice.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reviews import storage
from reviews.errors import JobError
from reviews.stream.messages import DeadLetter, Message, Reader

# A new object begins after so many bytes of lines, because a task holds all of one.
MAX_OBJECT_BYTES = 64 * 1024 * 1024

# A broker takes 1 MiB in one message unless its topic says otherwise ("message.max.bytes", Apache Kafka
# documentation); headers and key need room, too.
MAX_LETTER_BYTES = 900_000

_GZIP_LEVEL = 2  # 1.3 times the bytes of level 6, a third of its time

LETTERS = (
    "partition int, offset bigint, reason string, detail string, key binary, value binary, value_at string"
)
"""Columns of a `Letter`."""


class Letter(NamedTuple):
    """What goes to the dead-letter topic."""

    partition: int
    offset: int
    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    value_at: str | None
    """Where the value is that no message of that topic has room for."""


@dataclass(frozen=True)
class Stored:
    """An object that was stored."""

    messages: int
    records: int


@dataclass
class _Slice:
    """Messages that follow one another in a partition, and the lines that were made of them."""

    partition: int
    first: int
    last: int = 0
    messages: int = 0
    size: int = 0
    lines: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Slices:
    """Stores what a task is given."""

    folder: str
    """URI of the folder of the stream's files."""
    dead_letters: str
    """URI of the folder of values that no dead letter has room for."""
    topic: str
    message_key: tuple[str | int, ...]

    def store(
        self, rows: Iterable[tuple[int, int, int, bytes | None, bytes | None]]
    ) -> Iterator[Stored | Letter]:
        """Stores messages, rows of partition, offset, time, key and value in the order of the partition."""
        reader = Reader(self.message_key)
        slice_: _Slice | None = None
        for partition, offset, at_ms, key, value in rows:
            message = Message(offset, at_ms, key, value)
            if slice_ is not None and (partition != slice_.partition or slice_.size >= MAX_OBJECT_BYTES):
                yield self._stored(slice_)
                slice_ = None
            if slice_ is None:
                slice_ = _Slice(partition, message.offset)
            slice_.last = message.offset
            slice_.messages += 1
            read = reader.read(message)
            if isinstance(read, DeadLetter):
                yield self._letter(partition, read)
            else:
                slice_.lines.append(read)
                slice_.size += len(read)
        if slice_ is not None:
            yield self._stored(slice_)

    def _stored(self, slice_: _Slice) -> Stored:
        lines = b"".join(line + b"\n" for line in slice_.lines)
        name = f"{slice_.partition:05}/{slice_.first:020}-{slice_.last:020}.jsonl.gz"
        uri = f"{self.folder}/{self.topic}/{name}"
        figures = {
            "messages": str(slice_.messages),
            "records": str(len(slice_.lines)),
            "dead-letters": str(slice_.messages - len(slice_.lines)),
        }
        # Without a time in it, the same lines make the same bytes.
        packed = gzip.compress(lines, _GZIP_LEVEL, mtime=0)
        if not storage.write_new(uri, packed, figures):
            _must_hold(uri, lines)
        return Stored(slice_.messages, len(slice_.lines))

    def _letter(self, partition: int, letter: DeadLetter) -> Letter:
        message = letter.message
        value, value_at = message.value, None
        if value is not None and len(value) > MAX_LETTER_BYTES:
            value_at = f"{self.dead_letters}/{self.topic}/{partition:05}/{message.offset:020}"
            storage.write_new(value_at, value, {})
            value = None
        return Letter(partition, message.offset, letter.reason, letter.detail, message.key, value, value_at)


def _must_hold(uri: str, lines: bytes) -> None:
    """An object of this name is there: of this very batch, which was cut off, or the topic was made again."""
    there = gzip.decompress(b"".join(storage.read_chunks(uri)))
    if hashlib.sha256(there).digest() != hashlib.sha256(lines).digest():
        raise JobError(
            f"{uri} is there with other messages: offsets of this topic have been used before. If the topic"
            " was deleted and made again, give the stream a new name in the settings (its files then have a"
            " folder of their own)"
        )
