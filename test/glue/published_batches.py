"""Batches as the flatten job publishes them, made fast: files of every table, and their outcome."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from reviews import tables
from reviews.compact.published import TABLES
from reviews.flatten import queries

DAY = "2026-11-21"
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def batch_id(number: int) -> str:
    minutes = timedelta(minutes=2 * number)
    return f"{datetime(2026, 11, 21, tzinfo=UTC) + minutes:%Y%m%dT%H%M%SZ}-{number:08x}"


def value(kind: str, column: str, chance: random.Random) -> Any:
    """Any value of a column; texts are long enough to take space."""
    if kind == "boolean":
        return chance.random() < 0.5
    if kind in ("int", "bigint"):
        return chance.randrange(1000)
    if kind == "double":
        return chance.random()
    if kind == "timestamp":
        return _FIRST + timedelta(seconds=chance.randrange(30_000_000))
    if kind == "array<string>":
        return [f"{column} {chance.randrange(10)}" for _ in range(chance.randrange(3))]
    if kind.startswith("decimal"):
        return Decimal(chance.randrange(10_000)).scaleb(-2)
    return f"{column} {chance.getrandbits(64):x}"


def arrow_type(kind: str) -> pa.DataType:
    """Arrow's type of a column as DuckDB writes it into a file."""
    if kind == "timestamp":
        return pa.timestamp("us", tz="UTC")
    query = f"select null::{queries.TYPES.get(kind, kind)} as c"
    return duckdb.sql(query).to_arrow_table().schema.field("c").type


SCHEMAS = {
    table: pa.schema([(c.name, arrow_type(c.type)) for c in tables.table(table).columns]) for table in TABLES
}


@dataclass
class Lake:
    """The published tables in a folder of this machine."""

    root: Path
    seed: int = 0
    rows: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    """Batch → table → rows."""

    @property
    def uri(self) -> str:
        return f"{self.root}/tables"

    def folder(self, table: str, one: str, day: str = DAY) -> Path:
        return self.root / "tables" / table / f"ingest_date={day}" / f"batch_id={one}"

    def publish(self, number: int, counts: dict[str, int], *, day: str = DAY, told: bool = True) -> str:
        """Publishes a batch with so many rows of each table, and tells its outcome."""
        chance = random.Random(self.seed * 1_000_000 + number)  # noqa: S311 (no secret)
        one = batch_id(number)
        self.rows[one] = {}
        for table, count in counts.items():
            columns = [c for c in tables.table(table).columns if c.name != "original_batch_id"]
            made = [
                {
                    c.name: value(c.type, c.name, chance) if not c.nullable or chance.random() < 0.8 else None
                    for c in columns
                }
                for _ in range(count)
            ]
            self.rows[one][table] = made
            if made:
                self.write(
                    self.folder(table, one, day) / "part-00000.parquet",
                    pa.Table.from_pylist(made, SCHEMAS[table]),
                )
        if told:
            self.tell(one, counts, day)
        return one

    def tell(self, one: str, counts: dict[str, int], day: str = DAY) -> None:
        outcome = {table: counts.get(table, 0) for table in TABLES}
        path = self.folder("file_events", one, day) / "part-outcome.parquet"
        self.write(path, pa.table({"event_id": [one], "batch_rows": [json.dumps(outcome)]}))

    def withdraw(self, one: str, day: str = DAY) -> None:
        """What Record outcome does with a batch that a later one replaces."""
        mark = self.folder("compactions", one, day) / "_withdrawn"
        mark.parent.mkdir(parents=True)
        mark.touch()
        for table in TABLES:
            for path in self.folder(table, one, day).glob("*.parquet"):
                path.unlink()
        del self.rows[one]

    @staticmethod
    def write(path: Path, table: pa.Table) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")

    def files(self, table: str = "*") -> list[Path]:
        """Files with rows; announcements and events are none."""
        return sorted(
            p
            for one in TABLES
            if table in ("*", one)
            for p in (self.root / "tables" / one).rglob("*.parquet")
        )

    def published(self, table: str) -> Counter[str]:
        """The rows as they were published, each with its batch."""
        return Counter(canonical(row, one) for one, of in self.rows.items() for row in of.get(table, []))

    def compactions(self) -> list[tuple[datetime, str, str, dict[str, int]]]:
        """(announced at, compaction, batch, rows by table), oldest first."""
        return sorted(
            (
                row["compacted_at"],
                path.parent.name.removeprefix("batch_id="),
                row["compacted_batch_id"],
                json.loads(row["compacted_rows"]),
            )
            for path in (self.root / "tables" / "compactions").rglob("*.parquet")
            for row in pq.ParquetFile(path).read().to_pylist()
        )

    def seen(self, table: str, *, changed_over: bool = True) -> Counter[str]:
        """The rows that a reader counts, by the rule of staging.

        changed_over: has taken notice of the announcements; else each batch's own files count, where they
        are still there.
        """
        holder = {batch: compaction for _, compaction, batch, _ in self.compactions()} if changed_over else {}
        found: Counter[str] = Counter()
        for path in self.files(table):
            place = path.parent.name.removeprefix("batch_id=")
            for row in pq.ParquetFile(path).read().to_pylist():
                one = row.pop("original_batch_id") or place
                if place == holder.get(one, one):
                    found[canonical(row, one)] += 1
        return found


def canonical(row: dict[str, Any], one: str) -> str:
    text = json.dumps({k: v for k, v in row.items() if v is not None}, sort_keys=True, default=str)
    return sha256(f"{one} {text}".encode()).hexdigest()
