"""The memory that a job has taken, which Glue measures only for a script with a GlueContext."""

from __future__ import annotations

import resource
import sys

from reviews import executors

# getrusage(2): kilobytes on Linux, bytes on macOS.
_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_bytes() -> int:
    """The most that this process has had, and beside it one process for each processor, each as large as the
    largest of those that have ended: an upper bound. Spark's executors are other machines, and not in it."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + executors.processors() * largest_child) * _UNIT
