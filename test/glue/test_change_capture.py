"""Changes of a database, as AWS DMS writes them, end in the state that the database has at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import Batch, Input, run_jobs
from formats_written import parquet
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import executors

SOURCE = "shop-database"
CREATED = datetime(2025, 3, 1, 10)
COMMITTED = datetime(2025, 3, 2, 10, 0, 0, 42)
SCHEMA = pa.schema(
    [
        ("Op", pa.string()),
        ("dms_committed_at", pa.timestamp("us")),
        ("dms_change", pa.string()),
        ("review_id", pa.int64()),
        ("product_id", pa.string()),
        ("stars", pa.int16()),
        ("created_at", pa.timestamp("us")),
    ]
)


@dataclass
class Log:
    """Writes changes as they stand in the database's log: every transaction has one time."""

    time: datetime = COMMITTED
    number: int = 0

    def change(self, op: str, review_id: int, stars: int | None = None) -> dict[str, Any]:
        self.number += 1
        row = {"review_id": review_id}
        if op != "D":  # by its replica identity, a deleted row is its key alone
            row |= {"product_id": "L-1", "stars": stars or 1, "created_at": CREATED}
        return {
            "Op": op,
            "dms_committed_at": self.time,
            "dms_change": f"{self.time:%Y%m%d%H%M%S}00{self.number:019}",
            **row,
        }


def as_file(rows: list[dict[str, Any]], name: str = "20250302-100000000.parquet") -> Input:
    return Input(parquet(rows, SCHEMA), source=SOURCE, name=f"public/reviews/{name}", layout="parquet")


def left(batch: Batch) -> dict[str, float]:
    """Review id → rating of the reviews that the warehouse keeps, by the rule of `fct_reviews`."""
    deleted: dict[str, datetime] = {}
    for row in batch.deleted:
        deleted[row["review_key"]] = max(row["deleted_at"], deleted.get(row["review_key"], row["deleted_at"]))
    return {
        row["review_id"]: row["rating"]
        for row in batch.reviews
        if row["review_key"] not in deleted
        or deleted[row["review_key"]] < (row["updated_at"] or row["created_at"])
    }


@pytest.fixture
def log() -> Log:
    return Log()


def test_of_three_updates_in_one_transaction_the_last_wins(run_batch: Callable[..., Batch], log: Log) -> None:
    batch = run_batch(as_file([log.change("U", 1, stars) for stars in (5, 2, 3)]))
    assert left(batch) == {"1": 3.0}
    assert batch.figures()["duplicates"] == 2


def test_a_row_that_is_deleted_and_written_again_in_one_transaction_stays(
    run_batch: Callable[..., Batch], log: Log
) -> None:
    batch = run_batch(as_file([log.change("U", 1, 5), log.change("D", 1), log.change("I", 1, 2)]))
    assert left(batch) == {"1": 2.0}
    [deletion] = batch.deleted
    # What the transaction before has written is gone all the same.
    assert deletion["deleted_at"] == (COMMITTED - timedelta(microseconds=1)).replace(tzinfo=UTC)


def test_a_row_that_is_written_and_deleted_in_one_transaction_is_gone(
    run_batch: Callable[..., Batch], log: Log
) -> None:
    batch = run_batch(as_file([log.change("D", 1), log.change("I", 1, 2), log.change("D", 1)]))
    assert left(batch) == {}


def test_a_change_during_the_full_load_beats_the_copy_that_was_made_later(
    run_batch: Callable[..., Batch], log: Log
) -> None:
    copied = {
        **log.change("I", 1, 5),
        "dms_change": "",
        "dms_committed_at": COMMITTED + timedelta(minutes=1),
    }
    copy = as_file([copied], "LOAD00000001.parquet")
    batch = run_batch(copy, as_file([log.change("U", 1, 2)]))
    assert left(batch) == {"1": 2.0}
    [review] = batch.reviews
    assert review["updated_at"] == COMMITTED.replace(tzinfo=UTC)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=4),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 3),
)
@settings(deadline=None, max_examples=15)
def test_any_transactions_in_any_files_end_in_the_state_of_the_table(
    transactions: list[list[tuple[int, int]]], files: int
) -> None:
    log, table = Log(), dict[int, int]()
    written: list[list[dict[str, Any]]] = [[] for _ in range(files)]
    for number, transaction in enumerate(transactions):
        log.time += timedelta(microseconds=2)
        for review_id, stars in transaction:
            if stars == 0 and review_id not in table:
                continue
            op = "D" if stars == 0 else "U" if review_id in table else "I"
            written[number * files // len(transactions)].append(log.change(op, review_id, stars))
            if stars:
                table[review_id] = stars
            else:
                del table[review_id]
    inputs = [
        as_file(rows, f"20250302-10000000{number}.parquet") for number, rows in enumerate(written) if rows
    ]
    if not inputs:
        return
    with tempfile.TemporaryDirectory() as root:
        batch = run_jobs(Path(root), inputs, executors.InProcess())
    assert left(batch) == {str(review_id): float(stars) for review_id, stars in table.items()}
