"""Rows as Parquet files of the form, and under the names, that AWS DMS writes.

"Using Amazon S3 as a target for AWS Database Migration Service", AWS DMS User Guide.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from local_dms.pgoutput import Column, Relation
from local_dms.settings import Target

# Types of PostgreSQL (pg_type.dat) that are more than texts. A decimal stays a text, with all its digits.
_BOOLEAN = 16
_TYPES = {
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us"),
}
_WITH_ZONE = 1184
# DMS writes a boolean as a word ("MapBooleanAsBoolean"); the log has a letter.
_WORDS = {b"t": b"true", b"f": b"false"}


@dataclass(slots=True)
class Written:
    """A row as it stands in a file. There are many: a frozen one takes three times as long to make."""

    op: str
    committed_at: datetime
    """Of a change; of a copied row, when it was copied."""
    change: str
    """Its place in the log; empty for a copied row."""
    relation: Relation
    values: Sequence[bytes | None]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return 60 + sum(len(value) for value in self.values if value is not None)


class Files:
    """Stores rows in files, in their order."""

    def __init__(self, s3: Any, target: Target) -> None:
        self._s3 = s3
        self._target = target
        self._copies = 0
        self._last = datetime.min

    def store_changes(self, rows: Iterable[Written]) -> int:
        """Store changes; returns the number of files: an altered table begins a new one."""
        return sum(self._store(list(same), self._next_name()) for _, same in groupby(rows, _layout))

    def store_copies(self, rows: Iterable[Written]) -> None:
        """Store rows of the full load, in the next of its files."""
        for _, same in groupby(rows, _layout):
            self._copies += 1
            self._store(list(same), f"LOAD{self._copies:08X}.parquet")

    def _next_name(self) -> str:
        """The time to a tenth of a millisecond; later than that of the file before."""
        now = datetime.now(UTC).replace(tzinfo=None)
        self._last = max(now, self._last + timedelta(microseconds=100))
        return f"{self._last:%Y%m%d-%H%M%S}{self._last.microsecond // 100:04}.parquet"

    def _store(self, rows: list[Written], name: str) -> int:
        relation = rows[0].relation
        content = io.BytesIO()
        pq.write_table(_table(rows, self._target), content, compression="gzip")
        key = f"{self._target.folder}/{relation.schema}/{relation.table}/{name}"
        self._s3.put_object(Bucket=self._target.bucket, Key=key, Body=content.getvalue())
        return 1


def _layout(row: Written) -> tuple[Column, ...]:
    return row.relation.columns


def _table(rows: list[Written], target: Target) -> pa.Table:
    names = ["Op", *(column.name for column in rows[0].relation.columns)]
    arrays: list[pa.Array] = [pa.array([row.op for row in rows])]
    for place, column in enumerate(rows[0].relation.columns):
        arrays.append(_array(column.type_oid, [row.values[place] for row in rows]))
    # What DMS adds by a transformation comes after the table's columns, its timestamp last.
    names += [target.change_column, target.timestamp_column]
    arrays += [
        pa.array([row.change for row in rows]),
        pa.array([row.committed_at for row in rows], pa.timestamp("us")),
    ]
    return pa.Table.from_arrays(arrays, names=names)


def _array(type_oid: int, values: list[bytes | None]) -> pa.Array:
    if type_oid == _BOOLEAN:
        return pa.array([value and _WORDS.get(value, value) for value in values], pa.string())
    if type_oid == _WITH_ZONE:
        # The session's zone is UTC.
        values = [value and value.removesuffix(b"+00") for value in values]
    texts = pa.array(values, pa.string())
    kind = _TYPES.get(type_oid)
    if kind is None:
        return texts
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        # "infinity", or a date before our era: as a text it is one row's matter, and stops no other.
        return texts
