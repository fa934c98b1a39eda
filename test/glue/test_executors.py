"""A batch gives the same tables wherever it runs; and a run that breaks off leaves nothing that a re-run
minds."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import GLUE_SCRIPTS, Batch, Input, lines, native, read_tables, run_jobs, write_manifest
from pyspark.sql import SparkSession
from reviews import executors, manifest, outcomes, storage
from reviews.clean import cleaner, duplicates, units
from reviews.clean import job as clean_job
from reviews.errors import JobError
from reviews.executors import Executor, InProcess, Processes, Spark
from reviews.flatten import job as flatten_job
from reviews.kernel import columns
from reviews.manifest import Manifest


def inputs() -> list[Input]:
    many = [native(n, title=f"t{n}", tags=["a", None, f"b{n % 7}"], rating=n % 7) for n in range(900)]
    twice = [native(n, title="again", updated_at="2025-06-01") for n in range(0, 900, 9)]
    yelp = {
        "review_id": "R1",
        "user_id": "U",
        "business_id": "B",
        "stars": 2.5,
        "date": "2019-01-02",
        "text": "x",
    }
    return [
        Input(lines(*many, "broken", *many[:3])),
        Input(gzip.compress(lines(*twice, "[1]").encode()), compression="gzip"),
        Input(json.dumps([native(5000 + n) for n in range(300)], indent=1), layout="array"),
        Input(lines(yelp, {**yelp, "stars": 9}), source="yelp"),
        Input(lines(native(7000)), encoding="utf-16le"),
        Input("\n"),
    ]


# Only in this process, where Spark's threads run: a job forks before any thread is there.
pytestmark = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several units, blocks and groups of what would be one."""
    monkeypatch.setattr(units, "UNIT_BYTES", 80_000)
    monkeypatch.setattr(units, "BLOCK_BYTES", 30_000)
    monkeypatch.setattr(flatten_job, "GROUP_BYTES", 15_000)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """What a run that nothing disturbed publishes."""
    return run_jobs(tmp_path_factory.mktemp("reference"), inputs(), InProcess())


def comparable(batch: Batch) -> dict[str, list[str]]:
    return {table: sorted(map(repr, rows)) for table, rows in batch.tables.items()}


@pytest.mark.usefixtures("small_units")
def test_every_executor_publishes_the_same(spark: SparkSession, tmp_path: Path, reference: Batch) -> None:
    batches = {
        name: run_jobs(tmp_path / name, inputs(), executor)
        for name, executor in (
            ("process", InProcess()),
            ("processes", Processes(2)),
            ("spark", Spark(spark)),
        )
    }
    assert reference.outcome["tables"]["reviews"] > 900
    for batch in batches.values():
        assert batch.outcome == reference.outcome
        assert comparable(batch) == comparable(reference)
    assert len(list((tmp_path / "spark/tables/reviews").rglob("part-*.parquet"))) > 1


def test_reviews_are_sorted_by_product(reference: Batch) -> None:
    ids = [row["product_id"] for row in reference.reviews]
    assert ids == sorted(ids)


def test_a_batch_runs_where_its_size_says(tmp_path: Path) -> None:
    assert isinstance(executors.for_small_batch(1000), InProcess)
    large = executors.for_small_batch(1 << 29)
    assert isinstance(large, Processes if executors.processors() > 1 else InProcess)


def test_a_file_that_breaks_the_kernel_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = columns.Reader.read

    def breaking(reader: columns.Reader, values: list[Any], *rest: Any) -> columns.Columns:
        if any(value.get("title") == "poison" for value in values if isinstance(value, dict)):
            raise ZeroDivisionError("poison of a record")
        return whole(reader, values, *rest)

    monkeypatch.setattr(columns.Reader, "read", breaking)
    batch = run_jobs(
        tmp_path,
        [
            Input(lines(native(1), native(2))),
            Input(lines(native(3, title="poison"), native(1))),
            Input(lines(native(4)), source="no-such-source"),
            Input(lines(native(5))),
        ],
        InProcess(),
    )
    assert [batch.figures(n)["published"] for n in range(4)] == [2, 0, 0, 1]
    assert "failure" not in batch.figures(0)
    # Which error and where, but nothing of the record.
    assert batch.figures(1)["failure"].startswith("ZeroDivisionError in kernel.py, line ")
    assert "contracts/sources/no-such-source.json" in batch.figures(2)["failure"]
    assert batch.figures(1)["recordsRead"] == 0
    assert {row["review_id"] for row in batch.reviews} == {"R1", "R2", "R5"}


def test_a_batch_of_failing_files_only_fails(tmp_path: Path) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, [Input(lines(native()), source="no-such-source")])))
    with pytest.raises(
        JobError, match=r"no file of the batch could be worked on; file 0{32}: source 'no-such"
    ):
        clean_job.run(loaded, InProcess())


def disk_full_after(uploads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, left = storage.upload, [uploads]

    def upload(path: Path, uri: str) -> None:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        whole(path, uri)

    monkeypatch.setattr(storage, "upload", upload)


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=str)
@pytest.mark.parametrize("uploads", [0, 1, 4])
def test_a_full_disk_fails_the_job_and_a_rerun_is_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: Executor, uploads: int, reference: Batch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    with monkeypatch.context() as patched:
        disk_full_after(uploads, patched)
        with pytest.raises(OSError, match="No space left"):
            clean_job.run(loaded, executor)
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    clean_job.run(loaded, executor)
    with monkeypatch.context() as patched:
        disk_full_after(uploads, patched)
        with pytest.raises(OSError, match="No space left"):
            flatten_job.run(loaded, InProcess())
    assert not Path(loaded.work(outcomes.OUTCOME)).exists()
    again = run_jobs(tmp_path, inputs(), executor)
    assert comparable(again) == comparable(reference)


@pytest.mark.usefixtures("small_units")
def test_a_killed_process_fails_the_job_and_a_rerun_is_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Batch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    whole = cleaner.Cleaner._clean

    def dying(self: cleaner.Cleaner, name: str, splits: Any) -> cleaner.Outcome:
        if name == "00002":
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(self, name, splits)

    with monkeypatch.context() as patched:
        patched.setattr(cleaner.Cleaner, "_clean", dying)
        with pytest.raises(Exception, match="terminated abruptly"):
            clean_job.run(loaded, Processes(2))
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    again = run_jobs(tmp_path, inputs(), Processes(2))
    assert comparable(again) == comparable(reference)


@pytest.mark.usefixtures("small_units")
def test_out_of_memory_fails_the_job_and_names_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    with monkeypatch.context() as patched:
        patched.setattr(duplicates, "_MEMORY_BYTES", 1 << 10)
        with pytest.raises(Exception, match=r"(?i)out of memory|could not allocate|failed to"):
            clean_job.run(loaded, InProcess())
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    clean_job.run(loaded, InProcess())


@pytest.mark.usefixtures("small_units")
def test_sparks_tasks_that_fail_fail_the_job(spark: SparkSession, tmp_path: Path, reference: Batch) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    blocked = tmp_path / "work"
    blocked.mkdir(exist_ok=True)
    # A file where the work area's folder should be: every task's write fails.
    target = Path(loaded.work("clean"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(Exception, match=r"NotADirectoryError|FileExistsError|Not a directory"):
        _with_a_file_in_the_way(loaded, target, spark)
    target.unlink()
    batch = run_jobs(tmp_path, inputs(), Spark(spark))
    assert comparable(batch) == comparable(reference)


def test_a_task_of_spark_that_runs_out_of_memory_fails_the_job(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Batch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    with monkeypatch.context() as patched:
        patched.setattr(cleaner, "MEMORY_BYTES", 1 << 10)
        with pytest.raises(Exception, match=r"(?i)OutOfMemory"):
            clean_job.run(loaded, Spark(spark))
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    assert comparable(run_jobs(tmp_path, inputs(), Spark(spark))) == comparable(reference)


def test_a_killed_spark_fails_the_job_and_a_rerun_is_clean(tmp_path: Path, reference: Batch) -> None:
    path = write_manifest(tmp_path, inputs())
    loaded = manifest.load(str(path))
    command = [sys.executable, str(GLUE_SCRIPTS / "clean_reviews.py"), "--manifest", str(path)]
    command += ["--small-batch-bytes", "0"]
    killed = subprocess.Popen(  # noqa: S603
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert killed.stdout is not None
    # Spark is there now, and its tasks are about to start.
    assert b"clean reviews started" in killed.stdout.readline()
    os.killpg(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    flatten_job.run(loaded, InProcess())
    assert {table: sorted(map(repr, rows)) for table, rows in read_tables(tmp_path).items()} == comparable(
        reference
    )


def _with_a_file_in_the_way(loaded: Manifest, target: Path, spark: SparkSession) -> None:
    whole: Callable[[str], None] = storage.delete_folder

    def delete(uri: str) -> None:
        whole(uri)
        if uri == str(target):
            target.write_text("")

    storage.delete_folder = delete
    try:
        clean_job.run(loaded, Spark(spark))
    finally:
        storage.delete_folder = whole


def connections_open(_number: int) -> int:
    return storage._client.cache_info().currsize


def test_a_process_opens_connections_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    storage._client()
    try:
        assert connections_open(0) == 1
        assert list(Processes(1).map(connections_open, [0])) == [0]
    finally:
        storage._client.cache_clear()


def test_items_are_taken_as_processes_get_free() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    results = Processes(2).map(abs, items())
    assert next(results) == 0
    assert len(taken) <= 4
    assert sorted([0, *results]) == list(range(10))
