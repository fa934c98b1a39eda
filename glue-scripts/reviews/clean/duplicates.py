"""Of several records with one key in a batch, which one stays, and which deletions a review outlives.

The record with the latest update (or else creation) time stays; on a tie, the one in the later file of the
manifest, or later in the file. Only keys and positions are compared; the reviews are not read again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reviews import handover, storage
from reviews.executors import processors
from reviews.handover import POSITION
from reviews.kernel import engine, sql
from reviews.manifest import Manifest

_MEMORY_BYTES = 640 << 20


@dataclass(frozen=True)
class Found:
    superseded: Counter[int] = field(default_factory=Counter)
    """Records that another replaces, by the file's number."""
    outlived: bool = False
    """Whether a review stands behind its deletion, with the same time."""


def find(
    manifest: Manifest, keys: Iterable[str], deletions: Iterable[str], without_files: Iterable[int]
) -> Found:
    """Writes the positions of the records that another replaces, and of the deletions that a review outlives.

    The parts of `keys/` and `deleted/` with these names are looked through, records of the files
    `without_files` left out.
    """
    with tempfile.TemporaryDirectory(prefix="duplicates-") as temporary:
        folder = Path(temporary)
        found = _downloaded(manifest, handover.KEYS, keys, folder)
        if not found:
            return Found()
        with engine.connect(folder, memory_bytes=_MEMORY_BYTES, threads=processors()) as database:
            left_out = ", ".join(map(str, without_files)) or "-1"
            database.execute(
                f"create view keys as select * from read_parquet([{sql.texts(found)}]) "
                f"where file_no not in ({left_out})"
            )
            _find_superseded(database)
            counted = dict(
                database.execute("select file_no, count(*) from superseded group by all").fetchall()
            )
            if counted:
                _upload(manifest, database, handover.SUPERSEDED, folder)
            outlived = False
            if deleted := _downloaded(manifest, handover.DELETED, deletions, folder):
                outlived = _find_outlived(database, deleted)
                if outlived:
                    _upload(manifest, database, handover.OUTLIVED, folder)
            return Found(Counter(counted), outlived)


def _find_superseded(database: duckdb.DuckDBPyConnection) -> None:
    # Hashes first: they take a quarter of the keys' memory, and few keys occur twice.
    database.execute(
        "create table repeated as select hash(record_key) as h from keys group by h having count(*) > 1"
    )
    position = ", ".join(POSITION)
    newest_first = ", ".join(f"{column} desc" for column in ("as_of", *POSITION))
    database.execute(
        f"create table superseded as select {position} from keys "
        "where hash(record_key) in (from repeated) qualify "
        f" row_number() over (partition by record_key order by {newest_first}) > 1"
    )


def _find_outlived(database: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> bool:
    """A transaction that deletes a row and writes it again gives both one time; its order is the file's."""
    position = ", ".join(POSITION)
    database.execute(
        f"create table outlived as select {position} from read_parquet([{sql.texts(paths)}]) as deleted "
        "where exists (from keys where keys.record_key = unhex(deleted.review_key) "
        "and keys.as_of = deleted.deleted_at and keys.file_no = deleted.file_no and "
        "(keys.split_start, keys.record_number) > (deleted.split_start, deleted.record_number))"
    )
    return bool(database.execute("select count(*) > 0 from outlived").fetchall()[0][0])


def _downloaded(manifest: Manifest, kind: str, parts: Iterable[str], folder: Path) -> list[str]:
    return [str(storage.download(handover.uri(manifest, kind, part), folder / kind)) for part in parts]


def _upload(manifest: Manifest, database: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    """Uploads the table that is named as the file is."""
    path = folder / name
    options = engine.parquet_options(level=1, row_group_rows=122_880)
    database.execute(f"copy {path.stem} to {sql.text(str(path))} ({options})")
    storage.upload(path, manifest.work(name))
