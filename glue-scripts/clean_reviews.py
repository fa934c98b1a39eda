"""Glue job 1: cleans the reviews of one batch (arguments: --manifest URI)."""

from __future__ import annotations

from pyspark.sql import SparkSession
from reviews import clean_job, job
from reviews.manifest import Manifest


def course(spark: SparkSession, manifest: Manifest) -> dict[str, object]:
    return clean_job.summary(manifest, clean_job.run(spark, manifest))


if __name__ == "__main__":
    job.main("clean reviews", course)
