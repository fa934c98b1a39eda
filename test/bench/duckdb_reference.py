"""The same work in DuckDB: native JSON Lines to the published tables, by the rules of the Glue jobs.

    python duckdb_reference.py --manifest FILE --out DIR [--threads 2] [--memory 2500MB]

It reads the files once, keeps the raw line of every reject, types every field of the contract, keeps what no
column holds in `attributes`, drops all but the newest version of a review, writes the cleaned reviews and
from them the seven tables as zstd Parquet. Prints one JSON object: seconds by step, records by outcome,
rows by table.

It has it easier than the jobs in two ways: DuckDB's JSON reader lets NaN and a trailing comma pass, and keys
unknown to the contract are looked for in objects but not in the items of lists.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import reference_sql as sql


def clean(database: duckdb.DuckDBPyConnection, manifest: dict[str, Any], threads: int) -> None:
    """Lines to table `record`: one row per line, typed, with the reasons for its rejection."""
    database.execute("set timezone = 'UTC'")
    database.execute(sql.MACROS)
    ingested = f"timestamptz '{manifest['ingestedAt']}'"

    def read(file: dict[str, Any]) -> None:
        with database.cursor() as connection:
            connection.execute(sql.typed_records(file["uri"], file["fileId"], ingested))

    first, *others = manifest["files"]
    database.execute(
        f"create table record as {sql.select_records(first['uri'], first['fileId'], ingested)} limit 0"
    )
    # Numbering its lines keeps DuckDB from reading a file in parallel: so many files at a time instead.
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read, [first, *others]))


def deduplicate(database: duckdb.DuckDBPyConnection, out: Path) -> dict[str, int]:
    """The newest version of each review to view `published`; writes the cleaned and the rejected records."""
    database.execute(sql.NEWEST)
    database.execute(f"copy published to '{out}/clean.parquet' ({sql.PARQUET})")
    return dict(database.execute(sql.COUNTS).fetchall())


def flatten(database: duckdb.DuckDBPyConnection, out: Path) -> dict[str, int]:
    """Writes the seven tables; table → rows."""
    rows = {}
    for table, query in sql.TABLES.items():
        found = database.execute(f"copy ({query}) to '{out}/{table}.parquet' ({sql.PARQUET})").fetchone()
        rows[table] = int(found[0]) if found else 0
    return rows


def run(manifest: dict[str, Any], out: Path, threads: int, memory: str) -> dict[str, Any]:
    """Seconds by step, records by outcome, rows by table."""
    out.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | int | bool] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": f"{out}/spill",
    }
    with duckdb.connect(config={**settings, "preserve_insertion_order": False}) as database:
        started = time.monotonic()
        clean(database, manifest, threads)
        cleaned = time.monotonic()
        counts = deduplicate(database, out)
        deduplicated = time.monotonic()
        rows = flatten(database, out)
        ended = time.monotonic()
    steps = {
        "parse": cleaned - started,
        "deduplicate": deduplicated - cleaned,
        "flatten": ended - deduplicated,
    }
    return {"seconds": {step: round(took, 1) for step, took in steps.items()}, **counts, "tables": rows}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Do the Glue jobs' work on native JSON Lines with DuckDB.")
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="2500MB")
    arguments = parser.parse_args()
    manifest = json.loads(arguments.manifest.read_text())
    print(json.dumps(run(manifest, arguments.out, arguments.threads, arguments.memory)))


if __name__ == "__main__":
    main()
