"""Measures the memory of a job: Glue measures it only for a script with a GlueContext."""

from __future__ import annotations

import resource
import sys

from reviews import executors

# getrusage(2): kilobytes on Linux, bytes on macOS.
_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_bytes() -> int:
    """Peak memory in bytes, as an upper bound: the peak of this process, plus one child per processor, each
    as large as the largest child that has ended. Spark's executors are other machines and do not count."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + executors.processors() * largest_child) * _UNIT
