"""Compaction: the same rows for a reader before, during and after; interrupted anywhere it costs nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import GLUE_SCRIPTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_batches import DAY, SCHEMAS, Lake, batch_id
from reviews import storage
from reviews.compact import job, merge
from reviews.compact.job import Rules
from reviews.compact.published import TABLES
from reviews.errors import JobError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
RULES = Rules(minimum_batches=2, grace=timedelta(hours=20))
ROWS = {"reviews": 3, "products": 2, "reviewers": 2, "review_tags": 1, "rejected_records": 1}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def shown(lake: Lake, **how: bool) -> dict[str, Any]:
    return {table: lake.seen(table, **how) for table in TABLES}


def published(lake: Lake) -> dict[str, Any]:
    return {table: lake.published(table) for table in TABLES}


def test_a_reader_sees_the_same_rows_before_during_and_after(lake: Lake) -> None:
    for number in range(4):
        lake.publish(number, ROWS)
    rows = published(lake)
    assert shown(lake) == rows

    report = job.run(lake.uri, RULES, NOON)

    assert [(c["batches"], c["filesBefore"], c["filesAfter"]) for c in report.compactions] == [(4, 20, 5)]
    assert len(lake.files()) == 25
    assert shown(lake, changed_over=False) == rows
    assert shown(lake) == rows

    later = job.run(lake.uri, RULES, LATER)

    assert (later.compactions, later.removed_files) == ([], 20)
    assert len(lake.files()) == 5
    assert shown(lake) == rows


def kinds(schema: pa.Schema) -> list[tuple[str, str]]:
    """Columns and types; the name of a list's items is the writer's own."""
    return [
        (field.name, f"list of {field.type.value_type}" if pa.types.is_list(field.type) else str(field.type))
        for field in schema
    ]


def test_the_files_have_the_types_of_the_flatten_job_and_reviews_their_order(lake: Lake) -> None:
    for number in range(3):
        lake.publish(number, dict.fromkeys(TABLES, 5))
    job.run(lake.uri, RULES, NOON)
    for table in TABLES:
        [path] = [path for path in lake.files(table) if "-compacted" in str(path)]
        file = pq.ParquetFile(path)
        assert kinds(file.schema_arrow) == kinds(SCHEMAS[table])
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    # A page of neighbours: whoever asks for one product reads few.
    [path] = [path for path in lake.files("reviews") if "-compacted" in str(path)]
    order = [(row["product_id"], row["created_at"]) for row in pq.ParquetFile(path).read().to_pylist()]
    assert [product for product, _ in order] == sorted(product for product, _ in order)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.lists(
        st.fixed_dictionaries({table: st.integers(0, 4) for table in TABLES}), min_size=2, max_size=6
    ),
    withdrawn=st.sets(st.integers(0, 5)),
    late=st.lists(st.fixed_dictionaries({"reviews": st.integers(0, 3)}), max_size=3),
    seed=st.integers(0, 1000),
)
def test_no_order_of_batches_compactions_and_replays_loses_or_doubles_a_row(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[dict[str, int]],
    withdrawn: set[int],
    late: list[dict[str, int]],
    seed: int,
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"), seed)
    for number, rows in enumerate(counts):
        lake.publish(number, rows)
    job.run(lake.uri, RULES, NOON)
    assert shown(lake) == published(lake)
    for number, rows in enumerate(late, start=100):
        lake.publish(number, rows)
    for number in withdrawn & set(range(len(counts))):
        lake.withdraw(batch_id(number))
    for days in range(1, 4):
        job.run(lake.uri, RULES, NOON + timedelta(days=days))
        # Rows of a replaced batch, wherever they are, count for nobody: dbt knows it as REPLACED.
        assert {table: lake.seen(table) & rows for table, rows in published(lake).items()} == published(lake)
    # And nothing of a replaced batch is left anywhere.
    left = {
        one for path in lake.files() for one in pq.ParquetFile(path).read()["original_batch_id"].to_pylist()
    }
    assert not left & {batch_id(number) for number in withdrawn}


WRITES = ("upload", "delete_folder")


class BreakdownError(Exception):
    """The machine is gone."""


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lets so many writes of the job happen, and none after them."""
    real = {name: getattr(storage, name) for name in WRITES}

    def after(writes: int) -> None:
        left = [writes]

        def counting(name: str) -> Any:
            def write(*arguments: Any) -> Any:
                if left[0] == 0:
                    raise BreakdownError
                left[0] -= 1
                return real[name](*arguments)

            return write

        for name in WRITES:
            monkeypatch.setattr(storage, name, counting(name))

    yield after


@pytest.mark.parametrize("at", ["the compaction", "the removal"])
def test_interrupted_at_any_write_nothing_changes_and_a_rerun_finishes(
    tmp_path: Path, interrupt: Any, at: str
) -> None:
    now = NOON if at == "the compaction" else LATER
    for writes in range(200):
        lake = Lake(tmp_path / str(writes))
        for number in range(2):
            lake.publish(number, {"reviews": 2, "review_tags": 1})
        rows = published(lake)
        interrupt(-1)
        if now == LATER:
            job.run(lake.uri, RULES, NOON)
        interrupt(writes)
        try:
            job.run(lake.uri, RULES, now)
            finished = True
        except BreakdownError:
            finished = False
        assert shown(lake) == rows, f"after {writes} writes"
        interrupt(-1)
        job.run(lake.uri, RULES, now)
        job.run(lake.uri, RULES, now + timedelta(days=1))
        assert shown(lake) == rows
        assert len(lake.files()) == 2
        if finished:
            assert writes == {"the compaction": 13, "the removal": 4}[at]
            return
    raise AssertionError("the job never ended")


def test_a_replaced_batch_leaves_the_large_files_too(lake: Lake) -> None:
    first, second = lake.publish(0, ROWS), lake.publish(1, ROWS)
    job.run(lake.uri, RULES, NOON)
    job.run(lake.uri, RULES, LATER)
    lake.withdraw(first)

    report = job.run(lake.uri, RULES, LATER + timedelta(days=1))
    assert [c["batches"] for c in report.compactions] == [2]
    assert shown(lake) == published(lake)
    job.run(lake.uri, RULES, LATER + timedelta(days=2))

    assert {row[2]: row[3]["reviews"] for row in lake.compactions()} == {first: 0, second: 3}
    assert len({row[1] for row in lake.compactions()}) == 1
    assert not list(lake.root.rglob("_withdrawn"))
    assert shown(lake) == published(lake)
    # And it ends: there is nothing more to do.
    last = job.run(lake.uri, RULES, LATER + timedelta(days=3))
    assert (last.compactions, last.removed_files) == ([], 0)


def test_only_what_is_due_is_compacted(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "SMALL_BYTES", 30_000)
    lake.publish(0, ROWS)
    lake.publish(1, ROWS, told=False)  # its execution still runs, or has failed
    large = lake.publish(2, {"reviews": 400})
    lake.publish(3, ROWS, day="2026-11-22")
    lake.publish(4, ROWS, day="2026-11-22")
    assert job.run(lake.uri, RULES, NOON).compactions == []

    today = Rules(2, RULES.grace, today=True)
    planned = job.run(lake.uri, today, NOON, plan=True)
    assert [(c["ingestDate"], c["batches"]) for c in planned.compactions] == [("2026-11-22", 2)]
    assert not lake.compactions()

    lake.publish(5, ROWS)
    job.run(lake.uri, today, NOON)
    assert {row[2] for row in lake.compactions()} == {batch_id(number) for number in (0, 3, 4, 5)}
    assert large not in {row[2] for row in lake.compactions()}


def test_a_batch_without_the_rows_of_its_outcome_is_left_out_and_told(lake: Lake) -> None:
    for number in range(4):
        lake.publish(number, ROWS)
    lake.tell(batch_id(1), ROWS | {"reviews": 4})
    damaged = lake.folder("products", batch_id(2)) / "part-00000.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])

    report = job.run(lake.uri, RULES, NOON)

    assert report.left == [
        {"batchId": batch_id(1), "why": "reviews has 3 rows, its outcome says 4"},
        {"batchId": batch_id(2), "why": "products has a file that cannot be read, its outcome says 2"},
    ]
    assert {row[2] for row in lake.compactions()} == {batch_id(0), batch_id(3)}
    assert lake.seen("reviews") == lake.published("reviews")


def test_nothing_is_removed_where_the_large_files_are_not_whole(lake: Lake) -> None:
    for number in range(2):
        lake.publish(number, ROWS)
    job.run(lake.uri, RULES, NOON)
    [path] = [path for path in lake.files("reviewers") if "-compacted" in str(path)]
    path.unlink()

    with pytest.raises(JobError, match="is damaged: reviewers has 0 rows, its outcome says 4"):
        job.run(lake.uri, RULES, LATER)

    assert shown(lake, changed_over=False) == published(lake)


def test_rows_that_change_on_the_way_are_not_announced(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        lake.publish(number, ROWS)
    write = merge.flattener.write

    def losing(database: Any, query: str, path: Path) -> int:
        return write(database, f"from ({query}) limit 5", path)

    monkeypatch.setattr(merge.flattener, "write", losing)
    with pytest.raises(JobError, match="6 rows of 2 batches were to be written, 5 of 2 are"):
        job.run(lake.uri, RULES, NOON)
    assert not lake.compactions()


def test_720_small_batches_become_files_of_a_good_size(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of batches every two minutes; sizes a thousandth of the real ones."""
    monkeypatch.setattr(merge, "MAXIMUM_BYTES", 256_000)
    monkeypatch.setattr(merge, "SMALL_BYTES", 128_000)
    for number in range(720):
        lake.publish(number, {"reviews": 6})
    rows = lake.published("reviews")

    [figures] = job.run(lake.uri, RULES, NOON).compactions

    assert (figures["batches"], figures["filesBefore"]) == (720, 720)
    assert figures["rows"]["reviews"] == 4320
    large = [path.stat().st_size for path in lake.files("reviews") if "-compacted" in str(path)]
    assert len(large) > 1
    assert all(120_000 < size < 270_000 for size in large)
    assert lake.seen("reviews") == rows
    job.run(lake.uri, RULES, LATER)
    assert len(lake.files()) == figures["filesAfter"]
    assert lake.seen("reviews") == rows


def test_the_script_reports_and_ends_with_one_line(lake: Lake) -> None:
    for number in range(2):
        lake.publish(number, ROWS)
    lake.publish(2, ROWS)
    lake.tell(batch_id(2), ROWS | {"reviews": 9})
    report = lake.root / "report.json"
    script = [
        sys.executable,
        str(GLUE_SCRIPTS / "compact_tables.py"),
        "--tables",
        lake.uri,
        "--JOB_NAME",
        "x",
    ]
    done = subprocess.run(  # noqa: S603 (the job's own script)
        [*script, "--minimum-batches", "2", "--grace-hours", "20", "--report", str(report)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "reviews.errors.JobError: compact tables failed: 1 batches keep"
    )
    document = json.loads(report.read_text())
    assert document["compactions"][0]["batches"] == 2
    assert document["compactions"][0]["ingestDate"] == DAY
