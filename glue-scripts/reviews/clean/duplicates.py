"""Of several records with one key in a batch, which one stays.

The record with the latest update (or else creation) time stays; on a tie, the one in the later file of the
manifest, or later in the file. Only keys and positions are compared; the reviews are not read again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from reviews import handover, storage
from reviews.executors import processors
from reviews.handover import POSITION
from reviews.kernel import engine, sql
from reviews.manifest import Manifest

_MEMORY_BYTES = 640 << 20


def find(manifest: Manifest, parts: Iterable[str], without_files: Iterable[int]) -> dict[int, int]:
    """Writes the positions of the records that another replaces; returns their number by file.

    `parts` of `keys/` are looked through, records of the files `without_files` left out.
    """
    with tempfile.TemporaryDirectory(prefix="duplicates-") as temporary:
        folder = Path(temporary)
        paths = [
            str(storage.download(handover.uri(manifest, handover.KEYS, part), folder / handover.KEYS))
            for part in parts
        ]
        if not paths:
            return {}
        with engine.connect(folder, memory_bytes=_MEMORY_BYTES, threads=processors()) as database:
            left_out = ", ".join(map(str, without_files)) or "-1"
            database.execute(
                f"create view keys as select * from read_parquet([{sql.texts(paths)}]) "
                f"where file_no not in ({left_out})"
            )
            # Hashes first: they take a quarter of the keys' memory, and few keys occur twice.
            database.execute(
                "create table repeated as "
                "select hash(review_key) as h from keys group by h having count(*) > 1"
            )
            position = ", ".join(POSITION)
            newest_first = ", ".join(f"{column} desc" for column in ("as_of", *POSITION))
            database.execute(
                f"create table superseded as select {position} from keys "
                "where hash(review_key) in (from repeated) qualify "
                f" row_number() over (partition by review_key order by {newest_first}) > 1"
            )
            counted = dict(
                database.execute("select file_no, count(*) from superseded group by all").fetchall()
            )
            if counted:
                path = folder / handover.SUPERSEDED
                options = engine.parquet_options(level=1, row_group_rows=122_880)
                database.execute(f"copy superseded to {sql.text(str(path))} ({options})")
                storage.upload(path, manifest.work(handover.SUPERSEDED))
            return counted
