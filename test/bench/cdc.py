"""Change capture under load: a real PostgreSQL, changes at a fixed rate, and the local DMS that stores them.

Every few seconds it prints how many changes were made, and how much of the log is not stored yet: that must
not grow.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.append(str(Path(__file__).parents[2] / "local" / "emulators" / "testing"))

import boto3
import psycopg2
from emulator_process import REGION, Server, environment
from psycopg2.extras import execute_values

PASSWORD = "of-the-bench"  # noqa: S105
NAME = "bench"
LOGIN = {"host": "127.0.0.1", "dbname": "postgres", "user": "postgres"}
TABLE = """
create table reviews (
    review_id bigint primary key, product_id text, stars smallint, review text,
    created_at timestamptz default now()
);
alter table reviews replica identity full;
create publication bench for table reviews
"""
LAG = (
    "select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint "
    "from pg_replication_slots where slot_name = %s"
)
_PART_SECONDS = 0.1


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="npm run bench -- cdc", description=__doc__)
    parser.add_argument("--changes", type=int, default=5000, help="changes per second (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: %(default)s)")
    chosen = parser.parse_args()
    os.environ |= {"POSTGRES_PASSWORD": PASSWORD, "DMS_PASSWORD": PASSWORD, "AWS_DEFAULT_REGION": REGION}
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        servers = [Server.start(name, _made(state / name)) for name in ("postgres", "aws")]
        try:
            port = urlsplit(servers[0].endpoint).port
            boto3.client("s3", endpoint_url=servers[1].endpoint).create_bucket(Bucket=NAME)
            session = psycopg2.connect(**LOGIN, port=port, password=PASSWORD)
            session.autocommit = True
            session.cursor().execute(TABLE)
            reader = _start_reader(state, port, servers[1].endpoint)
            _load(session, chosen.changes, chosen.seconds)
            _finish(session, reader)
        finally:
            for server in reversed(servers):
                server.stop()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _start_reader(state: Path, port: int | None, aws: str) -> subprocess.Popen[bytes]:
    target = {
        "endpoint": aws,
        "bucket": NAME,
        "folder": "reviews/shop-database",
        "timestamp_column": "dms_committed_at",
        "change_column": "dms_change",
        "max_batch_seconds": 5,
        "min_file_kilobytes": 32_000,
        "max_file_kilobytes": 1_048_576,
    }
    source = {"schema": "public", "table": "reviews", "heartbeat_schema": None, "heartbeat_seconds": 300}
    settings = state / "settings.json"
    settings.write_text(
        json.dumps(
            {
                "name": NAME,
                "source": {"connection": {**LOGIN, "port": port}, **source},
                "target": target,
                "rds_instance": None,
            }
        )
    )
    reader = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-m",
            "local_dms",
            "--settings",
            str(settings),
            "--state",
            str(_made(state / "dms")),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment("dms"),
    )
    assert reader.stdout is not None
    for _ in ("full load", "changes"):
        reader.stdout.readline()
    return reader


def _load(session: Any, rate: int, seconds: int) -> None:
    """A third each of inserts, updates and deletions, in transactions of a tenth of a second's changes."""
    each = max(1, int(rate * _PART_SECONDS / 3))
    began = last = time.monotonic()
    made = first = 0
    print(f"{'seconds':>8} {'changes':>9} {'per second':>11} {'not stored, MB':>15}")
    with session.cursor() as cursor:
        while (now := time.monotonic()) - began < seconds:
            if made > (now - began) * rate:
                time.sleep(0.005)
                continue
            rows = [(first + n, f"P-{n % 50}", 1 + n % 5, "A text of some words. " * 5) for n in range(each)]
            cursor.execute("begin")
            execute_values(
                cursor,
                "insert into reviews (review_id, product_id, stars, review) values %s",
                rows,
                page_size=each,
            )
            cursor.execute(
                "update reviews set stars = 3 where review_id between %s and %s", (first, first + each - 1)
            )
            cursor.execute(
                "delete from reviews where review_id between %s and %s",
                (first - 20 * each, first - 19 * each - 1),
            )
            cursor.execute("commit")
            made += 3 * each if first >= 20 * each else 2 * each
            first += each
            if now - last >= 5:
                last = now
                cursor.execute(LAG, (NAME,))
                behind = cursor.fetchone()[0] / 1e6
                print(f"{now - began:8.0f} {made:9} {made / (now - began):11.0f} {behind:15.1f}")


def _finish(session: Any, reader: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    with session.cursor() as cursor:
        while True:
            cursor.execute(LAG, (NAME,))
            if cursor.fetchone()[0] < 1000:
                break
            time.sleep(0.1)
    print(f"All is stored {time.monotonic() - began:.1f} s after the last change.")
    reader.send_signal(signal.SIGTERM)
    said, _ = reader.communicate()
    end = json.loads(said.splitlines()[-1])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"The reader: {end['changes']} changes, {end['files']} files.")
    print(f"It took {used.ru_utime + used.ru_stime:.1f} CPU seconds and {used.ru_maxrss / 1024:.0f} MiB.")


if __name__ == "__main__":
    main()
