"""Merges the files of several folders of an ingest date into one compaction: the same rows, fewer files."""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from reviews import storage, tables
from reviews.compact.published import REQUESTS_AT_ONCE, TABLES, Day, Rows
from reviews.errors import JobError
from reviews.executors import processors
from reviews.flatten import flattener, queries
from reviews.kernel import engine, sql

MAXIMUM_BYTES = 256_000_000
"""External tables read files of 128 to 256 MB best; a larger file is divided into equal parts."""
SMALL_BYTES = MAXIMUM_BYTES // 2

_MEMORY_BYTES = 900 << 20

Fingerprint = dict[str, tuple[int, int]]
"""Batch → number of its rows, and a checksum of their values that is independent of their order."""


@dataclass(frozen=True)
class Folder:
    """A folder whose rows go into the compaction."""

    id: str
    rows: Mapping[str, Rows]
    """Batch → its rows to merge, by table; for a compaction's folder, without batches replaced since then."""
    total: Rows
    """The number of rows that its files must have."""


@dataclass(frozen=True)
class Fetched:
    """Folders that were downloaded to local files."""

    paths: Mapping[str, Mapping[str, Sequence[Path]]]
    """Table → folder → files."""
    left: Mapping[str, str]
    """Folder that cannot be compacted → why."""


def fetch(day: Day, folders: Sequence[Folder], target: Path) -> Fetched:
    """Downloads the files of the folders; leaves out folders whose rows do not match the expected number."""
    wanted = [
        (folder.id, table, stored.uri)
        for folder in folders
        for table, files in day.files[folder.id].items()
        for stored in files
    ]

    def bring(one: tuple[str, str, str]) -> Path | None:
        folder_id, table, uri = one
        return storage.download_if_there(uri, target / table / folder_id)

    paths: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    left: dict[str, str] = {}
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        for (folder_id, table, _), path in zip(wanted, pool.map(bring, wanted), strict=True):
            if path is None:
                left[folder_id] = "its files are changing"
            else:
                paths[table][folder_id].append(path)
    for folder in folders:
        for table in TABLES if folder.id not in left else ():
            found = count(paths[table][folder.id])
            expected = folder.total.get(table, 0)
            if found != expected:
                seen = "a file that cannot be read" if found is None else f"{found} rows"
                left[folder.id] = f"{table} has {seen}, its outcome says {expected}"
                break
    return Fetched(paths, left)


def count(paths: Sequence[Path]) -> int | None:
    """Number of rows of local Parquet files, from their footers; None if a file has no footer."""
    try:
        return sum(int(pq.read_metadata(path).num_rows) for path in paths)
    except pa.ArrowInvalid:
        return None


def merge(
    day: Day, compaction_id: str, folders: Sequence[Folder], paths: Mapping[str, Mapping[str, Sequence[Path]]]
) -> None:
    """Writes the compaction's files of every table; replaces files of an earlier attempt.

    Raises:
        JobError: the written rows do not match the rows that were read.
    """
    for table in TABLES:
        target = day.folder(table, compaction_id)
        storage.delete_folder(target)
        wanted = {batch: rows.get(table, 0) for folder in folders for batch, rows in folder.rows.items()}
        batch_of = {
            str(path): None if folder.id not in folder.rows else folder.id
            for folder in folders
            for path in paths[table][folder.id]
        }
        if any(wanted.values()):
            with tempfile.TemporaryDirectory(prefix="compact-") as temporary:
                for number, path in enumerate(_write(table, batch_of, wanted, Path(temporary))):
                    storage.upload(path, flattener.part_uri(target, number))


def _write(
    table: str, batch_of: Mapping[str, str | None], wanted: Mapping[str, int], folder: Path
) -> list[Path]:
    with engine.connect(folder, memory_bytes=_MEMORY_BYTES, threads=processors()) as database:
        database.register(
            "folders",
            pa.table({"filename": list(batch_of), "batch_id": pa.array(batch_of.values(), pa.string())}),
        )
        expected = {batch: rows for batch, rows in wanted.items() if rows}
        database.register("wanted", pa.table({"original_batch_id": list(expected)}))
        query = _rows(table, list(batch_of))
        read = _fingerprint(database, table, query)
        whole = folder / "whole.parquet"
        flattener.write(database, f"{query} {queries.ORDER.get(table, '')}", whole)
        parts = _divided(database, whole)
        written = _fingerprint(
            database, table, f"select * from read_parquet([{sql.texts(str(path) for path in parts)}])"
        )
        if written != read or {batch: rows for batch, (rows, _) in written.items()} != expected:
            raise JobError(
                f"compaction of {table}: {sum(expected.values())} rows of {len(expected)} batches were to be "
                f"written, {sum(rows for rows, _ in written.values())} of {len(written)} are; nothing is "
                "announced and every batch keeps its own files; run it again or report it"
            )
        return parts


def _rows(table: str, paths: Sequence[str]) -> str:
    """The wanted rows of the files, with the contract's columns and types; each row names its batch."""
    types = {c.name: queries.TYPES.get(c.type, c.type) for c in tables.table(table).columns}
    # Older files lack newer columns.
    empty = ", ".join(f"null::{kind} as {sql.name(column)}" for column, kind in types.items())
    listed = ", ".join(
        f"rows.{sql.name(column)}::{kind} as {sql.name(column)}"
        for column, kind in types.items()
        if column != "original_batch_id"
    )
    batch = "coalesce(folders.batch_id, rows.original_batch_id)"
    return (
        f"select * from (select {listed}, {batch} as original_batch_id from ("
        f"select {empty}, null::varchar as filename where false union all by name "
        f"select * from read_parquet([{sql.texts(paths)}], filename = true, union_by_name = true, "
        "hive_partitioning = false)) as rows join folders using (filename)) "
        "semi join wanted using (original_batch_id)"
    )


def _fingerprint(database: duckdb.DuckDBPyConnection, table: str, query: str) -> Fingerprint:
    values = ", ".join(sql.name(column.name) for column in tables.table(table).columns)
    found = database.execute(
        f"select original_batch_id, count(*), sum(hash(row({values}))) from ({query}) group by all"
    ).fetchall()
    return {batch: (int(rows), int(checksum)) for batch, rows, checksum in found}


def _divided(database: duckdb.DuckDBPyConnection, whole: Path) -> list[Path]:
    """The local file, or if it is too large, files with equal shares of its rows, in the same order."""
    number = math.ceil(whole.stat().st_size / MAXIMUM_BYTES)
    if number == 1:
        return [whole]
    rows = pq.read_metadata(whole).num_rows
    edges = [rows * part // number for part in range(number + 1)]
    parts = [whole.with_name(f"part-{part}.parquet") for part in range(number)]
    for path, first, end in zip(parts, edges, edges[1:], strict=False):
        flattener.write(
            database,
            "select * exclude (file_row_number) "
            f"from read_parquet({sql.text(str(whole))}, file_row_number = true) "
            f"where file_row_number >= {first} and file_row_number < {end} order by file_row_number",
            path,
        )
    whole.unlink()
    return parts
