"""A disk that gets full during a write, and a time limit, fail a run in Spark's tasks and cost nothing but a
re-run."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch, run_jobs, write_manifest
from pyspark.sql import SparkSession
from reviews import manifest, outcomes
from reviews.clean import job as clean_job
from reviews.clean import units
from reviews.executors import InProcess, Spark
from reviews.flatten import job as flatten_job
from test_executors import comparable, inputs


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """What a run that nothing disturbed publishes."""
    return run_jobs(tmp_path_factory.mktemp("reference"), inputs(), InProcess())


@pytest.fixture(autouse=True)
def several_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "UNIT_BYTES", 80_000)
    monkeypatch.setattr(flatten_job, "GROUP_BYTES", 15_000)


def with_room_for(size_bytes: int, work: type[Any]) -> type[Any]:
    """The class, but no file that a task writes gets larger: a write ends half-way, as on a full disk."""

    # Defined in here, Spark sends the class itself to its tasks and not the name of this module.
    class Full(work):  # type: ignore[misc]
        def __call__(self, item: Any) -> Any:
            import resource

            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
            try:
                return super().__call__(item)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return Full


def slow_after_the_first(work: type[Any]) -> type[Any]:
    """The class, but all groups take hours except the first."""

    class Slow(work):  # type: ignore[misc]
        def __call__(self, group: Any) -> Any:
            if group.number > 0:
                import time

                time.sleep(3600)
            return super().__call__(group)

    return Slow


def test_a_disk_that_gets_full_during_a_write_fails_the_job(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Batch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    with monkeypatch.context() as patched:
        patched.setattr(clean_job, "Cleaner", with_room_for(4096, clean_job.Cleaner))
        with pytest.raises(Exception, match="File too large"):
            clean_job.run(loaded, Spark(spark))
    assert not Path(loaded.work(outcomes.CLEAN_OUTCOME)).exists()
    clean_job.run(loaded, Spark(spark))
    with monkeypatch.context() as patched:
        patched.setattr(flatten_job, "Flattener", with_room_for(4096, flatten_job.Flattener))
        with pytest.raises(Exception, match="File too large"):
            flatten_job.run(loaded, Spark(spark))
    assert not Path(loaded.work(outcomes.OUTCOME)).exists()
    assert comparable(run_jobs(tmp_path, inputs(), Spark(spark))) == comparable(reference)


def test_a_run_that_is_stopped_at_its_time_limit_leaves_nothing_that_a_rerun_publishes_twice(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Batch
) -> None:
    loaded = manifest.load(str(write_manifest(tmp_path, inputs())))
    clean_job.run(loaded, Spark(spark))
    published = Path(loaded.table("reviews")) / "part-00000.parquet"

    def stop_once_something_is_published() -> None:
        while not published.exists():
            time.sleep(0.05)
        spark.sparkContext.cancelAllJobs()

    stopping = threading.Thread(target=stop_once_something_is_published, daemon=True)
    with monkeypatch.context() as patched:
        patched.setattr(flatten_job, "Flattener", slow_after_the_first(flatten_job.Flattener))
        stopping.start()
        with pytest.raises(Exception, match="cancelled"):
            flatten_job.run(loaded, Spark(spark))
    assert published.exists()
    assert not Path(loaded.work(outcomes.OUTCOME)).exists()
    assert comparable(run_jobs(tmp_path, inputs(), Spark(spark))) == comparable(reference)
