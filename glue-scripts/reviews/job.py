"""What both entry points share: arguments, the session's life, the last line of a failure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from reviews import manifest as manifests
from reviews import session
from reviews.errors import JobError

_DETAIL_CHARACTERS = 300


def main(name: str, course: Callable[[SparkSession, manifests.Manifest], dict[str, object]]) -> None:
    """Runs `course` on the batch of --manifest and logs the figures it returns; exits with 1 on failure."""
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--manifest", required=True, help="URI of the batch's manifest.json")
    arguments, _ = parser.parse_known_args()  # Glue adds arguments of its own
    spark: SparkSession | None = None
    try:
        manifest = manifests.load(arguments.manifest)
        spark = session.start(name)
        session.fit_shuffle(spark, manifest)
        session.log(f"{name} started", batch=manifest.batch_id, files=len(manifest.files))
        session.log(f"{name} finished", **course(spark, manifest))
    except JobError as error:
        _fail(f"{name} failed: {error}")
    except Exception as error:
        # The traceback may quote records (Spark quotes values in some errors): only its kind and first line
        # go out.
        _fail(f"{name} failed: {type(error).__name__}: {_first_line(error)}")
    finally:
        if spark is not None:
            spark.stop()


def _first_line(error: Exception) -> str:
    if isinstance(error, PySparkException) and error.getCondition():
        return str(error.getCondition())
    return str(error).strip().partition("\n")[0][:_DETAIL_CHARACTERS]


def _fail(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
    sys.exit(1)
