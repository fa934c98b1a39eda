"""Glue job 1: cleans the reviews of one batch.

Arguments: --manifest URI, --small-batch-bytes N.
"""

from __future__ import annotations

from reviews import executors, job
from reviews.clean import job as clean
from reviews.manifest import Manifest


def run(manifest: Manifest, executor: executors.Executor) -> dict[str, object]:
    return clean.summary(manifest, clean.run(manifest, executor))


if __name__ == "__main__":
    job.main("clean reviews", run, executors.for_small_batch)
