"""Glue job 3: merges the small files of past days' batches into large ones.

Arguments: --tables URI, --minimum-batches N, --grace-hours N, --report URI, --mode compact|plan.
"""

from __future__ import annotations

from reviews import job
from reviews.compact import job as compact

if __name__ == "__main__":
    with job.failing_in_one_line("compact tables"):
        compact.main()
