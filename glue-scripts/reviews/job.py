"""The code that both entry points share: arguments, executor, and the last line of a failure."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator

from reviews import executors, memory, storage
from reviews import manifest as manifests
from reviews.errors import JobError
from reviews.executors import Executor
from reviews.manifest import Manifest

_DETAIL_CHARACTERS = 300


def main(
    name: str,
    run: Callable[[Manifest, Executor], dict[str, object]],
    small_batch: Callable[[int], Executor],
) -> None:
    """Runs the job on the batch of --manifest and logs the figures that `run` returns.

    `small_batch` returns the executor for a batch of this many bytes that does not need Spark.
    """
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--manifest", required=True, help="URI of the batch's manifest.json")
    parser.add_argument(
        "--small-batch-bytes",
        type=int,
        help="batches of up to so many bytes, unpacked, run in this process; larger ones, and with 0 all, "
        "in Spark's tasks (default: every batch in this process)",
    )
    arguments, _ = parser.parse_known_args()  # Glue adds its own arguments
    with failing_in_one_line(name):
        manifest = manifests.load(arguments.manifest)
        size = sum(file.unpacked_bytes for file in manifest.files)
        with _executor(name, size, arguments.small_batch_bytes, small_batch) as executor:
            log(
                f"{name} started",
                batch=manifest.batch_id,
                files=len(manifest.files),
                bytes=size,
                runs_in=str(executor),
            )
            log(f"{name} finished", **run(manifest, executor))
        _write_figures(manifest, name)


@contextlib.contextmanager
def failing_in_one_line(name: str) -> Iterator[None]:
    """Turns any failure inside into a JobError of one line: Glue shows the exception that ends a script, but
    only the number of an exit status."""
    try:
        yield
    except JobError as error:
        raise JobError(f"{name} failed: {_one_line(str(error))}") from None
    except Exception as error:
        # The original traceback may quote records, so only the error's type and first line are shown.
        raise JobError(f"{name} failed: {type(error).__name__}: {_first_line(error)}") from None


def _write_figures(manifest: Manifest, name: str) -> None:
    """Writes the figures of this run, apart from those of the batch, which are the same in every run."""
    figures = {"peakMemoryBytes": memory.peak_bytes()}
    storage.write_text(manifest.work(f"{name.partition(' ')[0]}-run.json"), json.dumps(figures))


@contextlib.contextmanager
def _executor(
    name: str, size: int, most: int | None, small_batch: Callable[[int], Executor]
) -> Iterator[Executor]:
    if most is None or (most > 0 and size <= most):
        yield small_batch(size)
        return
    from pyspark.sql import SparkSession  # imported late, so that a small batch does not load it

    # The runner configures master, memory and endpoints.
    session = SparkSession.builder.appName(name).getOrCreate()
    try:
        yield executors.Spark(session)
    finally:
        session.stop()


def log(event: str, **figures: object) -> None:
    """One JSON line on standard output: what happened and its figures, never a record's content."""
    print(json.dumps({"time": round(time.time(), 3), "event": event, **figures}), file=sys.stdout, flush=True)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:_DETAIL_CHARACTERS]


def _one_line(text: str) -> str:
    return " ".join(text.split())
