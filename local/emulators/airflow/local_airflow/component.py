"""Runs one of Airflow's processes: ``python -m local_airflow.component scheduler …``.

Airflow knows nothing of who started it, so this does: when the parent is gone, the process ends with all
that it started, dbt included.
"""

import sys

from local_shared import lifeline

from local_airflow import process_tree


def main() -> None:
    """Run Airflow's command line in this process."""
    lifeline.watch(process_tree.kill_own)
    from airflow.__main__ import main as airflow  # takes seconds: the lifeline is watched before

    sys.argv[0] = "airflow"
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
