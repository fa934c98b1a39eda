"""The published tables' content for one ingest date: the batches' folders, and their compactions."""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reviews import storage, tables
from reviews.flatten import job as flatten
from reviews.flatten.flattener import part_uri

TABLES = flatten.WRITTEN_TABLES
COMPACTIONS = "compactions"
"""Table in which compactions are announced."""
SUFFIX = "-compacted"
"""The suffix of every compaction's id, which otherwise looks like a batch's id."""
REQUESTS_AT_ONCE = 16

_WITHDRAWN = "_withdrawn"
_PATH = re.compile(r"(\w+)/ingest_date=([^/]+)/batch_id=([^/]+)/(part-[^/]*\.parquet|_withdrawn)$")
_ARROW = {"string": pa.string(), "timestamp": pa.timestamp("us", tz="UTC")}

Rows = Mapping[str, int]
"""Table → number of rows."""


@dataclass(frozen=True)
class Compaction:
    """A compaction that was announced: all of its files exist."""

    id: str
    at: datetime
    rows: Mapping[str, Rows]
    """Batch → its rows in the compaction's files."""

    def total(self, table: str) -> int:
        return sum(rows.get(table, 0) for rows in self.rows.values())


@dataclass(frozen=True)
class Day:
    """One ingest date of the published tables."""

    tables_uri: str
    ingest_date: str
    files: Mapping[str, Mapping[str, tuple[storage.StoredObject, ...]]]
    """Folder (id of a batch or of a compaction) → table → files."""
    compactions: tuple[Compaction, ...]
    """Oldest first."""
    withdrawn: frozenset[str]
    """Batches that were replaced by later ones, or withdrawn."""

    def folder(self, table: str, folder_id: str) -> str:
        return f"{self.tables_uri}/{table}/ingest_date={self.ingest_date}/batch_id={folder_id}"

    @property
    def holders(self) -> dict[str, Compaction]:
        """Batch → the newest compaction that holds its rows, whose files replace the batch's own."""
        return {batch: compaction for compaction in self.compactions for batch in compaction.rows}

    def sizes(self, folder_ids: Iterable[str]) -> tuple[int, int]:
        """Number and total bytes of the files in these folders."""
        found = [file for one in folder_ids for files in self.files.get(one, {}).values() for file in files]
        return len(found), sum(file.size_bytes for file in found)


def days(tables_uri: str) -> list[Day]:
    """Every ingest date in the tables, oldest first."""
    tables_uri = tables_uri.rstrip("/")
    files: dict[str, dict[str, dict[str, list[storage.StoredObject]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    announced: dict[str, list[tuple[str, str]]] = defaultdict(list)
    withdrawn: dict[str, set[str]] = defaultdict(set)
    for table in (*TABLES, COMPACTIONS):
        for stored in storage.list_objects(f"{tables_uri}/{table}"):
            if not (match := _PATH.search(stored.uri)):
                continue
            _, ingest_date, folder_id, name = match.groups()
            if table != COMPACTIONS:
                files[ingest_date][folder_id][table].append(stored)
            elif name == _WITHDRAWN:
                withdrawn[ingest_date].add(folder_id)
            else:
                announced[ingest_date].append((folder_id, stored.uri))
    return [
        Day(
            tables_uri,
            ingest_date,
            {one: {t: tuple(found) for t, found in of.items()} for one, of in files[ingest_date].items()},
            _read(announced[ingest_date]),
            frozenset(withdrawn[ingest_date]),
        )
        for ingest_date in sorted({*files, *announced, *withdrawn})
    ]


def _read(announced: list[tuple[str, str]]) -> tuple[Compaction, ...]:
    with tempfile.TemporaryDirectory(prefix="compact-") as temporary:

        def read(one: tuple[str, str]) -> Compaction:
            folder_id, uri = one
            rows = pq.read_table(
                storage.download(uri, Path(temporary, folder_id)), partitioning=None
            ).to_pylist()
            return Compaction(
                folder_id,
                rows[0]["compacted_at"],
                {row["compacted_batch_id"]: json.loads(row["compacted_rows"]) for row in rows},
            )

        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            return tuple(sorted(pool.map(read, announced), key=lambda c: (c.at, c.id)))


def announce(day: Day, compaction: Compaction) -> None:
    """Announces the compaction's files: from now on, readers may read them instead of the others."""
    rows = [
        {
            "compacted_batch_id": batch,
            "compacted_rows": json.dumps({table: counted.get(table, 0) for table in TABLES}),
            "compacted_at": compaction.at,
        }
        for batch, counted in sorted(compaction.rows.items())
    ]
    columns = tables.table(COMPACTIONS).columns
    schema = pa.schema([pa.field(one.name, _ARROW[one.type], one.nullable) for one in columns])
    with tempfile.TemporaryDirectory(prefix="compact-") as temporary:
        path = Path(temporary, "announcement.parquet")
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")
        storage.upload(path, part_uri(day.folder(COMPACTIONS, compaction.id), 0))


def outcomes(day: Day, batches: Iterable[str]) -> dict[str, Rows]:
    """Those of the batches that have a published outcome, with their rows by table."""
    with tempfile.TemporaryDirectory(prefix="compact-") as temporary:

        def read(batch: str) -> tuple[str, Rows | None]:
            uri = f"{day.folder('file_events', batch)}/part-outcome.parquet"
            path = storage.download_if_there(uri, Path(temporary, batch))
            if path is None:
                return batch, None
            told = pq.read_table(path, columns=["batch_rows"], partitioning=None)["batch_rows"].to_pylist()
            text = next((text for text in told if text is not None), None)
            return batch, None if text is None else json.loads(text)

        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            return {batch: rows for batch, rows in pool.map(read, batches) if rows is not None}
