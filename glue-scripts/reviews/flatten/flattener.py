"""One group of clean parts: joined with what the whole batch knows, written as files of published tables."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from reviews import handover, storage
from reviews.flatten import queries
from reviews.handover import Handover, Part
from reviews.kernel import engine, sql
from reviews.manifest import Manifest

PARTIAL = "partial"
"""Folder of the work area: what each of several groups knows of products and reviewers."""

_PARQUET = engine.parquet_options(level=3, row_group_rows=61_440)


@dataclass(frozen=True)
class Group:
    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Flattener:
    """Flattens groups of one batch, in whatever process it is sent to."""

    manifest: Manifest
    batch: Handover
    failed: frozenset[int]
    """Numbers of the files of which nothing is published."""
    groups: int
    memory_bytes: int
    threads: int

    def __call__(self, group: Group) -> Counter[str]:
        """Publishes the group's rows; returns their number by table.

        Products and reviewers are published only where this is the one group.
        """
        with tempfile.TemporaryDirectory(prefix="flatten-") as temporary:
            folder = Path(temporary)
            with engine.connect(folder, memory_bytes=self.memory_bytes, threads=self.threads) as database:
                self._read(database, group, folder)
                return self._write(database, group, folder)

    def _read(self, database: duckdb.DuckDBPyConnection, group: Group, folder: Path) -> None:
        database.register("splits", self._splits())
        without = ""
        if self.batch.superseded:
            path = storage.download(self.manifest.work(handover.SUPERSEDED), folder)
            position = ", ".join(handover.POSITION)
            without = f"anti join read_parquet({sql.text(str(path))}) using ({position})"
        for view, kind, but in (("published", handover.CLEAN, without), ("refused", handover.REJECTED, "")):
            paths = [
                str(storage.download(handover.uri(self.manifest, kind, part.name), folder / kind))
                for part in group.parts
                if part.folder == kind
            ]
            if paths:
                database.execute(
                    f"create view {view} as "
                    "select rows.* replace (rows.record_number + splits.number_offset as record_number), "
                    f"splits.file_id from read_parquet([{sql.texts(paths)}]) as rows {but} "
                    "join splits using (file_no, split_start)"
                )

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
        kinds = {part.folder for part in group.parts}
        written: Counter[str] = Counter()
        for table, query in queries.row_tables(self.manifest.ingested_at).items():
            if (handover.REJECTED if table == "rejected_records" else handover.CLEAN) in kinds:
                written[table] = publish(database, query, self.manifest.table(table), group.number, folder)
        if handover.CLEAN in kinds:
            for table in queries.DIMENSIONS:
                newest = queries.newest(table, "published")
                if self.groups > 1:
                    publish(database, newest, self.manifest.work(f"{PARTIAL}/{table}"), group.number, folder)
                else:
                    query = queries.dimension(table, f"({newest})", self.manifest.ingested_at)
                    written[table] = publish(
                        database, query, self.manifest.table(table), group.number, folder
                    )
        return written


def publish(database: duckdb.DuckDBPyConnection, query: str, uri: str, number: int, folder: Path) -> int:
    """Writes the query's rows as one file of the folder `uri`, none of no rows; returns their number."""
    path = folder / "rows.parquet"
    found = database.execute(f"copy ({query}) to {sql.text(str(path))} ({_PARQUET})").fetchone()
    rows = int(found[0]) if found else 0
    if rows:
        storage.upload(path, f"{uri}/part-{number:05d}.parquet")
    return rows
