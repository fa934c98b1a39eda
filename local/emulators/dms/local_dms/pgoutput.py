"""Messages of PostgreSQL's output plugin `pgoutput`, protocol version 1.

"Logical Replication Message Formats", PostgreSQL documentation.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(2000, 1, 1)  # of PostgreSQL's timestamps, in UTC
_BEGIN = struct.Struct(">QqI")
_COMMIT = struct.Struct(">BQQq")
_COLUMN_END = struct.Struct(">Ii")
_SHORT = struct.Struct(">H")
_INT = struct.Struct(">I")


@dataclass(frozen=True)
class Begin:
    commit_lsn: int
    """Place of the commit in the log."""
    committed_at: datetime
    """UTC, without a zone."""


@dataclass(frozen=True)
class Commit:
    end_lsn: int
    """The server may forget everything before it, once it is stored."""


@dataclass(frozen=True)
class Column:
    name: str
    type_oid: int


@dataclass(frozen=True)
class Relation:
    """A table as it is from here on; sent before its first change, and again when it was altered."""

    oid: int
    schema: str
    table: str
    columns: tuple[Column, ...]


class _Unchanged:
    """Stands for a large value that an update has not changed, and that the log does not repeat (TOAST)."""


UNCHANGED: Final = _Unchanged()

type Row = list[bytes | _Unchanged | None]
"""Values as PostgreSQL writes them as text, in the order of the relation's columns."""


@dataclass(slots=True)
class Change:
    op: str
    """I, U or D."""
    relation_oid: int
    old: Row | None
    """By the table's replica identity: the key, the whole row, or nothing."""
    new: Row | None


@dataclass(frozen=True)
class Truncate:
    relation_oids: tuple[int, ...]


type Message = Begin | Commit | Relation | Change | Truncate


def decode(payload: bytes) -> Message | None:
    """The message; None where it says nothing of a table's rows."""
    kind = payload[:1]
    if kind in (b"I", b"U", b"D"):
        return _change(kind.decode(), payload)
    if kind == b"B":
        commit_lsn, committed, _ = _BEGIN.unpack_from(payload, 1)
        return Begin(commit_lsn, _EPOCH + timedelta(microseconds=committed))
    if kind == b"C":
        _, _, end_lsn, _ = _COMMIT.unpack_from(payload, 1)
        return Commit(end_lsn)
    if kind == b"R":
        return _relation(payload)
    if kind == b"T":
        (count,) = _INT.unpack_from(payload, 1)
        return Truncate(struct.unpack_from(f">{count}I", payload, 6))
    return None


def _relation(payload: bytes) -> Relation:
    (oid,) = _INT.unpack_from(payload, 1)
    schema, at = _text(payload, 5)
    table, at = _text(payload, at)
    (count,) = _SHORT.unpack_from(payload, at + 1)  # after the replica identity
    at += 3
    columns = []
    for _ in range(count):
        name, at = _text(payload, at + 1)  # after the column's flags
        type_oid, _ = _COLUMN_END.unpack_from(payload, at)
        at += _COLUMN_END.size
        columns.append(Column(name, type_oid))
    return Relation(oid, schema, table, tuple(columns))


def _change(op: str, payload: bytes) -> Change:
    (oid,) = _INT.unpack_from(payload, 1)
    old: Row | None = None
    new: Row | None = None
    at = 5
    while at < len(payload):
        part = payload[at : at + 1]
        row, at = _row(payload, at + 1)
        if part == b"N":
            new = row
        else:
            old = row
    return Change(op, oid, old, new)


def _row(payload: bytes, at: int) -> tuple[Row, int]:
    (count,) = _SHORT.unpack_from(payload, at)
    at += 2
    row: Row = []
    for _ in range(count):
        kind = payload[at]
        at += 1
        if kind == 0x74:  # t: a text follows
            (length,) = _INT.unpack_from(payload, at)
            at += 4
            row.append(payload[at : at + length])
            at += length
        else:
            row.append(None if kind == 0x6E else UNCHANGED)  # n: null
    return row, at


def _text(payload: bytes, at: int) -> tuple[str, int]:
    end = payload.index(0, at)
    return payload[at:end].decode(), end + 1
