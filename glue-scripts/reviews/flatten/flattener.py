"""Flattens one group of clean parts: joins it with the batch's data, and writes the published tables."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from reviews import handover, storage
from reviews.flatten import queries
from reviews.handover import Handover, Part
from reviews.kernel import engine, sql
from reviews.manifest import Manifest

CATALOGUE = "products of catalogues"
"""Takes the place of a table's name in the row counts."""
PARTIAL = "partial"
"""Folder of the work area: each group's products and reviewers, if there are several groups."""

_FROM = {
    "rejected_records": handover.REJECTED,
    "deleted_reviews": handover.DELETED,
    **{table: handover.CLEAN_FOLDERS[table] for table in queries.OF_CRM},
}
"""Table → folder of the parts that its rows are of, where that is not `clean/`."""

# Level 3 makes files 3 % smaller, and takes a third more CPU time for the whole table.
_PARQUET = engine.parquet_options(level=1, row_group_rows=61_440)


@dataclass(frozen=True)
class Group:
    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Flattener:
    """Flattens groups of one batch, in any process that it is sent to."""

    manifest: Manifest
    batch: Handover
    failed: frozenset[int]
    """Numbers of the failed files: none of their records is published."""
    groups: int
    memory_bytes: int
    threads: int
    """Tables that are written at the same time."""

    def __call__(self, group: Group) -> Counter[str]:
        """Publishes the group's rows; returns the number of rows by table.

        Products and reviewers are published only if this is the only group.
        """
        with tempfile.TemporaryDirectory(prefix="flatten-") as temporary:
            folder = Path(temporary)
            # One thread per table: DuckDB writes a sorted table with one, and two take more CPU time to sort.
            with engine.connect(folder, memory_bytes=self.memory_bytes, threads=1) as database:
                self._read(database, group, folder)
                return self._write(database, group, folder)

    def _read(self, database: duckdb.DuckDBPyConnection, group: Group, folder: Path) -> None:
        database.register("found_splits", self._splits())
        database.execute("create table splits as from found_splits")
        position = ", ".join(handover.POSITION)
        without, deleted_at = "", "deleted_at"
        if self.batch.superseded:
            path = storage.download(self.manifest.work(handover.SUPERSEDED), folder)
            without = f"anti join read_parquet({sql.text(str(path))}) using ({position})"
        if self.batch.outlived:
            path = storage.download(self.manifest.work(handover.OUTLIVED), folder)
            outlived = f"({position}) in (select ({position}) from read_parquet({sql.text(str(path))}))"
            deleted_at = f"deleted_at - (case when {outlived} then 1 else 0 end) * interval 1 microsecond"
        for view, kind, but, replaced in (
            ("published", handover.CLEAN, without, ""),
            *((table, _FROM[table], without, "") for table in queries.OF_CRM),
            # Only a review newer than its deletion counts: one that follows at the same time makes it older.
            ("gone", handover.DELETED, "", f", {deleted_at} as deleted_at"),
            ("refused", handover.REJECTED, "", ""),
        ):
            paths = [
                str(storage.download(handover.uri(self.manifest, kind, part.name), folder / kind))
                for part in group.parts
                if part.folder == kind
            ]
            if paths:
                database.execute(
                    f"create view {view} as "
                    "select rows.* replace (rows.record_number + splits.number_offset as record_number"
                    f"{replaced}), "
                    f"splits.file_id from read_parquet([{sql.texts(paths)}]) as rows {but} "
                    "join splits using (file_no, split_start)"
                )
        if any(part.folder == handover.CLEAN for part in group.parts):
            database.execute("create view reviewed as from published where not from_catalogue")

    def _splits(self) -> pa.Table:
        """The splits whose records are published: offset of the record numbers, file id."""
        ids = {file.number: file.file_id for file in self.manifest.files if file.number not in self.failed}
        rows = [(no, start, offset) for (no, start), offset in self.batch.offsets().items() if no in ids]
        return pa.table(
            {
                "file_no": pa.array([no for no, _, _ in rows], pa.int32()),
                "split_start": pa.array([start for _, start, _ in rows], pa.int64()),
                "number_offset": pa.array([offset for _, _, offset in rows], pa.int64()),
                "file_id": pa.array([ids[no] for no, _, _ in rows], pa.string()),
            }
        )

    def _write(self, database: duckdb.DuckDBPyConnection, group: Group, folder: Path) -> Counter[str]:
        wanted = list(self._files(group))

        def write_file(file: _File) -> int:
            with engine.cursor(database) as cursor:
                return write(cursor, file.query, folder / f"{file.table}.parquet")

        written: Counter[str] = Counter()
        with ThreadPoolExecutor(self.threads) as pool:
            for file, rows in zip(wanted, pool.map(write_file, wanted), strict=True):
                if file.folder == self.manifest.table("products"):
                    written[CATALOGUE] = catalogue_rows(database, folder / f"{file.table}.parquet")
                if rows:
                    storage.upload(folder / f"{file.table}.parquet", part_uri(file.folder, group.number))
                if file.folder == self.manifest.table(file.table):
                    written[file.table] = rows
        return written

    def _files(self, group: Group) -> Iterator[_File]:
        """The files to write for the group, the largest table first."""
        kinds = {part.folder for part in group.parts}
        for table, query in queries.row_tables(self.manifest.ingested_at).items():
            if _FROM.get(table, handover.CLEAN) in kinds:
                yield _File(table, query, self.manifest.table(table))
        if handover.CLEAN in kinds:
            for table in queries.DIMENSIONS:
                newest = queries.newest(table, "published")
                if self.groups > 1:
                    yield _File(table, newest, self.manifest.work(f"{PARTIAL}/{table}"))
                else:
                    query = queries.dimension(table, f"({newest})", self.manifest.ingested_at)
                    yield _File(table, query, self.manifest.table(table))


@dataclass(frozen=True)
class _File:
    table: str
    query: str
    folder: str
    """URI of the folder that the file goes to."""


def write(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Writes the query's rows to the local file; returns the number of rows."""
    found = database.execute(f"copy ({query}) to {sql.text(str(path))} ({_PARQUET})").fetchone()
    return int(found[0]) if found else 0


def catalogue_rows(database: duckdb.DuckDBPyConnection, products: Path) -> int:
    """The number of products in a local file that a catalogue describes."""
    rows = f"read_parquet({sql.text(str(products))})"
    found = database.execute(f"select count(*) from {rows} where from_catalogue").fetchone()
    return int(found[0]) if found else 0


def part_uri(folder: str, number: int) -> str:
    """The URI of the file with a table's rows of the group with this number."""
    return f"{folder}/part-{number:05d}.parquet"
