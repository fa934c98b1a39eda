"""Glue job 2: publishes the cleaned reviews of one batch as flat tables.

Arguments: --manifest URI, --small-batch-bytes N.
"""

from __future__ import annotations

from reviews import executors, job
from reviews.flatten import job as flatten
from reviews.manifest import Manifest


def run(manifest: Manifest, executor: executors.Executor) -> dict[str, object]:
    _, rows = flatten.run(manifest, executor)
    return {"batch": manifest.batch_id, "rows": rows}


if __name__ == "__main__":
    # The engine's own threads use all processors.
    job.main("flatten reviews", run, lambda _size: executors.InProcess())
