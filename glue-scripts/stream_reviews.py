"""Glue streaming job: stores the messages of a Kafka topic as files in the raw bucket, seconds after their
production.

Arguments: those of `reviews.stream.options`.
"""

from __future__ import annotations

from reviews import job
from reviews.stream import job as stream

if __name__ == "__main__":
    with job.failing_in_one_line("stream reviews"):
        stream.main()
