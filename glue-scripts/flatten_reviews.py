"""Glue job 2: publishes the cleaned reviews of one batch as flat tables (arguments: --manifest URI)."""

from __future__ import annotations

from pyspark.sql import SparkSession
from reviews import flatten_job, job
from reviews.manifest import Manifest


def course(spark: SparkSession, manifest: Manifest) -> dict[str, object]:
    _, rows = flatten_job.run(spark, manifest)
    return {"batch": manifest.batch_id, "rows": rows}


if __name__ == "__main__":
    job.main("flatten reviews", course)
