"""Whether the jobs and DuckDB published the same: the same rows of every table, whatever their order."""

import json
from pathlib import Path
from typing import Any

import duckdb

# Objects in attributes may list their keys in another order; normalised, equal objects are equal texts.
_UNORDERED = {"attributes": "json_normalize(attributes)::varchar"}
# Sentences for people, which the reference words shorter: test/glue/test_details.py checks them.
# And what only a compaction fills.
_NOT_COMPARED = {"details", "original_batch_id"}


def tables(contracts: Path) -> dict[str, list[str]]:
    """Table that the flatten job publishes → its columns to compare, as contracts/tables has them."""
    documents = [json.loads(path.read_text()) for path in sorted(contracts.glob("tables/*.json"))]
    return {
        d["table"]: [name for column in d["columns"] if (name := column["name"]) not in _NOT_COMPARED]
        for d in documents
        if d["producer"] == "flatten"
    }


def differences(contracts: Path, published: Path, reference: Path) -> list[str]:
    """What differs between the jobs' tables and the reference's: one line a table, none where all agree."""
    found = []
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        for table, columns in tables(contracts).items():
            jobs = _fingerprint(database, f"{published}/{table}/*/*/part-*.parquet", columns)
            other = _fingerprint(database, f"{reference}/{table}.parquet", columns)
            if jobs != other:
                found.append(f"{table}: jobs {jobs}, DuckDB {other}")
    return found


def _fingerprint(database: duckdb.DuckDBPyConnection, files: str, columns: list[str]) -> dict[str, Any]:
    """Rows of a table and a checksum over all their values that does not depend on the order of the rows; a
    table without rows has no file."""
    if not database.execute("select count(*) from glob(?)", [files]).fetchall()[0][0]:
        return {"rows": 0, "checksum": 0}
    values = ", ".join(_UNORDERED.get(column, f'"{column}"') for column in columns)
    query = (
        f"select count(*), sum(hash(row({values}))) from read_parquet('{files}', hive_partitioning = false)"  # noqa: S608
    )
    rows, checksum = database.execute(query).fetchall()[0]
    return {"rows": rows, "checksum": int(checksum or 0)}
