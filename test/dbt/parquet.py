"""Rows as Parquet files in exactly the schema of a published table's contract, as Spark writes them."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CONTRACTS = Path(__file__).parents[2] / "contracts"

Row = Mapping[str, Any]

_TYPES = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "array<string>": pa.list_(pa.string()),
}


@functools.cache
def contract(table: str) -> dict[str, Any]:
    """The contract of a published table."""
    document: dict[str, Any] = json.loads(
        (CONTRACTS / "tables" / f"{table}.json").read_text(encoding="utf-8")
    )
    return document


def published_tables() -> list[str]:
    """Names of the published tables."""
    return sorted(path.stem for path in (CONTRACTS / "tables").glob("*.json"))


def _type(name: str) -> pa.DataType:
    if decimal := re.fullmatch(r"decimal\((\d+),(\d+)\)", name):
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return _TYPES[name]


@functools.cache
def _schema(table: str) -> pa.Schema:
    return pa.schema(
        [pa.field(c["name"], _type(c["type"]), nullable=c["nullable"]) for c in contract(table)["columns"]]
    )


def parquet_file(table: str, rows: Iterable[Row]) -> bytes:
    """One Parquet file of the rows; a column that a row does not name is null.

    Raises:
        ValueError: a row names a column that the contract does not know, or lacks one that is not nullable.
    """
    schema = _schema(table)
    rows = list(rows)
    for row in rows:
        if unexpected := set(row) - set(schema.names):
            raise ValueError(f"{table} has no column {', '.join(sorted(unexpected))}")
        if missing := [f.name for f in schema if not f.nullable and row.get(f.name) is None]:
            raise ValueError(f"{table}: a row lacks {', '.join(missing)}")
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), target, compression="zstd")
    return target.getvalue()
