"""The compaction as its job does it, and a reader who counts rows meanwhile."""
# ruff: noqa: S603 (the tests start their own programs)
# ruff: noqa: S608 (and query names of their own)

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import snowflake.connector
from emulator_process import ROOT
from parquet import published_tables
from warehouse import Warehouse

_STAGED = [f"stg_{table}" for table in published_tables() if table not in ("file_events", "compactions")]

Counts = set[tuple[int, ...]]


def compact(warehouse: Warehouse, *, grace_hours: float) -> None:
    """Runs the Glue job's own script on the bucket, and lets Snowflake see what it has done."""
    subprocess.run(
        [
            str(ROOT / ".local" / "env" / "glue" / "bin" / "python"),
            str(ROOT / "glue-scripts" / "compact_tables.py"),
            *("--tables", f"s3://{warehouse.bucket}/tables/"),
            *("--report", f"s3://{warehouse.bucket}/work/compaction.json"),
            *("--minimum-batches", "1", "--grace-hours", str(grace_hours)),
        ],
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": warehouse.s3.meta.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        check=True,
    )
    warehouse.refresh(published_tables())


@contextlib.contextmanager
def watched(warehouse: Warehouse) -> Iterator[Counts]:
    """Counts the rows of every staging view over and over; the result holds the answers that differ."""
    environment = warehouse.connect_environment
    connection = snowflake.connector.connect(
        account="local",
        user=environment["SNOWFLAKE_USER"],
        private_key_file=str(Path(environment["SNOWFLAKE_PRIVATE_KEY_PATH"])),
        host=environment["SNOWFLAKE_HOST"],
        port=int(environment["SNOWFLAKE_PORT"]),
        protocol="http",
    )
    counts = [f"(select count(*) from {warehouse.database}.staging.{view})" for view in _STAGED]
    query = f"select {', '.join(counts)}"
    answers: Counts = set()
    ended = threading.Event()

    def ask() -> None:
        with connection.cursor() as cursor:
            while not ended.wait(0.3):
                # A query that opens a file that has just been removed fails, and is asked again.
                with contextlib.suppress(snowflake.connector.ProgrammingError):
                    answers.update(cursor.execute(query).fetchall())  # type: ignore[union-attr, arg-type]

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield answers
    finally:
        ended.set()
        asking.join()
        connection.close()
