"""Cleans chunks of records into rows of tables in one database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from reviews import tables
from reviews.contracts import Key, Source
from reviews.envelopes.opening import Opener
from reviews.handover import POSITION
from reviews.kernel import columns, details, mapping, parsing, plan, received, sql, typing
from reviews.kernel.parsing import Deleted
from reviews.manifest import SourceFile
from reviews.splitter.pieces import MAX_RECORD_BYTES, Piece

PUBLISHED = {
    records: "published" if records == "reviews" else f"published_{records}" for records in tables.RECORDS
}
"""What records become → table with those that can be published."""
REJECTED, DELETED = "rejected", "deleted"
_DELETED_COLUMNS = {
    "source": "varchar",
    "review_key": "varchar",
    "reason": "varchar",
    "deleted_at": "timestamp",
}
_DELETED_REASON = "DELETED"
_REJECTED = {
    "source": pa.string(),
    "reasons": pa.list_(pa.string()),
    "details": pa.list_(pa.string()),
    "record": pa.string(),
    "record_base64": pa.string(),
    "record_bytes": pa.int64(),
    "file_no": pa.int32(),
    "split_start": pa.int64(),
    "record_number": pa.int64(),
}
_NOT_READ = b"null"
# The values of this many records stay in the processor's cache from parsing until the columns are built.
_RECORDS_AT_A_TIME = 512


@dataclass(frozen=True, order=True)
class FirstRejected:
    """The position of the first record that was rejected for a reason."""

    split_start: int
    number: int
    """In the split, from 1."""
    detail: str | None = field(compare=False)
    """What was looked for and found; None if the record could not be read."""


def keep_first(
    kept: dict[tuple[int, str], FirstRejected], more: dict[tuple[int, str], FirstRejected]
) -> None:
    """Adds to `kept` the entries of `more` that are new or have an earlier position."""
    for key, found in more.items():
        kept[key] = min(kept.get(key, found), found)


@dataclass
class Chunk:
    """Records of one source, from one or several files."""

    records: list[bytes] = field(default_factory=list)
    known_bad: dict[int, Piece] = field(default_factory=dict)
    """Place → a record that is known to be bad; it is not read."""
    files: list[SourceFile] = field(default_factory=list)
    split_starts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    size: int = 0
    """Bytes of the records."""

    def add(self, file: SourceFile, split_start: int, first_number: int, records: Sequence[bytes]) -> None:
        """Adds consecutive records of a split of a file."""
        count = len(records)
        if max(map(len, records), default=0) > MAX_RECORD_BYTES:
            for number, record in enumerate(records, first_number):
                self.add_piece(file, split_start, number, Piece(record, len(record)))
            return
        self.size += sum(map(len, records))
        self.records += records
        self.files += [file] * count
        self.split_starts += [split_start] * count
        self.numbers += range(first_number, first_number + count)

    def add_piece(self, file: SourceFile, split_start: int, number: int, piece: Piece) -> None:
        """Adds one record that its splitter checked."""
        if piece.problem is None and piece.size <= MAX_RECORD_BYTES:
            self.add(file, split_start, number, [piece.data])
        else:
            self.known_bad[len(self.records)] = piece
            self.size += len(piece.data)
            self.add(file, split_start, number, [_NOT_READ])


class Kernel:
    """Cleans chunks into the tables `PUBLISHED`, `deleted` and `rejected` of a database; knows each source's
    plan and SQL."""

    def __init__(self, database: duckdb.DuckDBPyConnection, ingested_at: datetime) -> None:
        self._database = database
        self._ingested_at = ingested_at
        self._opener = Opener()
        self._prepared: dict[str, tuple[columns.Reader, str]] = {}
        self.rejected: Counter[tuple[int, str]] = Counter()
        """Rejected records by file number and first reason."""
        self.first_rejected: dict[tuple[int, str], FirstRejected] = {}
        """The first rejected record, by file number and first reason."""
        typing.register(database)
        for records, table in PUBLISHED.items():
            published = {**POSITION, **mapping.clean_columns(records), "as_of": "timestamp"}
            database.execute(f"create table {table} ({_columns(published)})")
        database.execute(f"create table {DELETED} ({_columns({**POSITION, **_DELETED_COLUMNS})})")
        database.register(
            "rejected_schema", pa.table({name: pa.array([], kind) for name, kind in _REJECTED.items()})
        )
        database.execute(f"create table {REJECTED} as from rejected_schema")

    def clean(self, source: Source, chunk: Chunk) -> None:
        """Adds a row to one of the tables for every record of the chunk."""
        reader, query = self._prepare(source)
        read = self._read(reader, chunk)
        table = read.table
        for name, column in (
            ("file_no", pa.array([file.number for file in chunk.files], pa.int32())),
            ("split_start", pa.array(chunk.split_starts, pa.int64())),
            ("record_number", pa.array(chunk.numbers, pa.int64())),
        ):
            table = table.append_column(name, column)
        self._database.register("chunk", table)
        self._database.execute(f"create or replace temp table judged as {query}")
        found = self._database.execute(
            "select place, reasons, mismatch, lost from judged where reasons is not null or lost is not null"
        ).fetchall()
        self._publish(reader, chunk, read.kept, {place: lost for place, _, _, lost in found if lost})
        refused = [(place, *why) for place, *why, _ in found if why[0]]
        gone = [place for place, reasons, _ in refused if reasons[0] == _DELETED_REASON]
        # Of a catalogue or a CRM a deletion is of no review.
        of_reviews = source.products_of is None and source.records == "reviews"
        deleted = self._delete(reader, chunk, gone) if gone and of_reviews else set()
        self._reject(source, chunk, [why for why in refused if why[0] not in deleted])

    def of_person(self, field: str, person_id: str) -> list[int]:
        """Places in the chunk cleaned last of this person's records, rejected ones included; `field`: that of
        the contract which holds the id."""
        return self._places(f"{sql.name(field)} = ?", person_id)

    def of_nobody(self, field: str) -> list[int]:
        """Places in the chunk cleaned last of rejected records and deletions that name no person where their
        contract looks for one."""
        return self._places(f"{sql.name(field)} is null and reasons is not null")

    def _places(self, condition: str, *values: str) -> list[int]:
        query = f"select place from judged where {condition} order by place"
        return [place for (place,) in self._database.execute(query, values).fetchall()]

    def clear(self) -> None:
        """Empties the tables."""
        for table in (*PUBLISHED.values(), DELETED, REJECTED):
            self._database.execute(f"truncate {table}")
        self.rejected.clear()
        self.first_rejected.clear()

    def _prepare(self, source: Source) -> tuple[columns.Reader, str]:
        if source.name not in self._prepared:
            self._prepared[source.name] = columns.Reader(source), mapping.query(source, self._ingested_at)
        return self._prepared[source.name]

    def _read(self, reader: columns.Reader, chunk: Chunk) -> columns.Columns:
        source = reader.source
        file_values = _file_values(source, chunk)
        tables: list[pa.Table] = []
        kept: dict[int, set[Key]] = {}
        for first in range(0, len(chunk.records), _RECORDS_AT_A_TIME):
            places = range(first, min(first + _RECORDS_AT_A_TIME, len(chunk.records)))
            values = self._parse(source, chunk, places)
            read = reader.read(
                values, {pattern: found[first : places.stop] for pattern, found in file_values.items()}, first
            )
            tables.append(read.table)
            kept |= read.kept
        return columns.Columns(pa.concat_tables(tables).combine_chunks(), kept)

    def _parse(self, source: Source, chunk: Chunk, places: Sequence[int]) -> list[Any]:
        """The values of the records at these places, in this order, without their envelopes."""
        parse = parsing.parse_python if source.syntax == "python-dict" else parsing.parse
        records = [chunk.records[place] for place in places]
        values = parse(records)
        self._opener.open(records, values)
        if chunk.known_bad:
            for at, place in enumerate(places):
                if piece := chunk.known_bad.get(place):
                    values[at] = parsing.Unreadable(piece.problem or "TOO_LARGE")
        return values

    def _publish(
        self, reader: columns.Reader, chunk: Chunk, kept: dict[int, set[Key]], lost: dict[int, list[str]]
    ) -> None:
        records = reader.source.records
        names = ", ".join(sql.name(name) for name in (*POSITION, *mapping.clean_columns(records), "as_of"))
        rows = "judged"
        if lost:
            values = self._parse(reader.source, chunk, list(lost))
            attributes = []
            for value, (place, names_lost) in zip(values, lost.items(), strict=True):
                keys = kept.get(place, set()).union(*map(reader.keys_of, names_lost))
                attributes.append(reader.attributes(value, keys))
            self._database.register(
                "kept",
                pa.table(
                    {"place": pa.array(lost, pa.int32()), "attributes": pa.array(attributes, pa.string())}
                ),
            )
            rows = (
                "(select judged.* replace "
                "(if(kept.place is null, judged.attributes, kept.attributes) as attributes) "
                "from judged left join kept using (place))"
            )
        self._database.execute(
            f"insert into {PUBLISHED[records]} by name select {names} from {rows} where reasons is null"
        )

    def _delete(self, reader: columns.Reader, chunk: Chunk, places: list[int]) -> set[int]:
        """Adds the deletions among these places that identify their review; returns their places."""
        values = zip(places, self._parse(reader.source, chunk, places), strict=True)
        found = [(place, value) for place, value in values if isinstance(value, Deleted)]
        if not found:
            return set()
        files = {p: [vs[at] for at, _ in found] for p, vs in _file_values(reader.source, chunk).items()}
        table = reader.read([value.record for _, value in found], files).table.drop_columns(["place"])
        said = {
            "place": pa.array([place for place, _ in found], pa.int32()),
            "deleted_at": pa.array([value.at for _, value in found], pa.string()),
            "reason": pa.array([value.by for _, value in found], pa.string()),
            "file_no": pa.array([chunk.files[place].number for place, _ in found], pa.int32()),
            "split_start": pa.array([chunk.split_starts[place] for place, _ in found], pa.int64()),
            "record_number": pa.array([chunk.numbers[place] for place, _ in found], pa.int64()),
        }
        for name, column in said.items():
            table = table.append_column(name, column)
        self._database.register("deletions", table)
        query = mapping.deletions_query(reader.source, self._ingested_at)
        self._database.execute(
            f"create or replace temp table known as from ({query}) where review_key is not null"
        )
        self._database.execute(f"insert into {DELETED} by name select * exclude (place) from known")
        return {place for (place,) in self._database.execute("select place from known").fetchall()}

    def _reject(self, source: Source, chunk: Chunk, found: list[tuple[Any, ...]]) -> None:
        if not found:
            return
        rows = []
        values = self._parse(source, chunk, [place for place, *_ in found])
        for value, (place, reasons, mismatch) in zip(values, found, strict=True):
            file = chunk.files[place]
            piece = chunk.known_bad.get(place) or Piece(chunk.records[place], len(chunk.records[place]))
            said: list[str] = []
            if type(value) is dict:
                said = [details.detail(source, reason, value, mismatch) for reason in reasons]
            elif seen := piece.detail or details.of_unread(reasons[0], value, piece.data):
                said = [seen]
            self.rejected[file.number, reasons[0]] += 1
            first = FirstRejected(chunk.split_starts[place], chunk.numbers[place], next(iter(said), None))
            keep_first(self.first_rejected, {(file.number, reasons[0]): first})
            rows.append(
                {
                    "source": source.name,
                    "reasons": reasons,
                    "details": said or None,
                    **received.columns(piece, file.encoding, reasons[0]),
                    "file_no": file.number,
                    "split_start": chunk.split_starts[place],
                    "record_number": chunk.numbers[place],
                }
            )
        schema = pa.schema(list(_REJECTED.items()))
        self._database.register("refused", pa.Table.from_pylist(rows, schema=schema))
        self._database.execute(f"insert into {REJECTED} by name from refused")


def _columns(types: dict[str, str]) -> str:
    return ", ".join(f"{sql.name(name)} {kind}" for name, kind in types.items())


def _file_values(source: Source, chunk: Chunk) -> dict[str, list[str | None]]:
    patterns = plan.file_name_patterns(source)
    if not patterns:
        return {}
    files = {file.number: file for file in chunk.files}
    found = {p: {number: file.matched(p) for number, file in files.items()} for p in patterns}
    return {p: [by_file[file.number] for file in chunk.files] for p, by_file in found.items()}
