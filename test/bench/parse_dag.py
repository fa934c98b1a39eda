"""How long Airflow, once it is imported, takes to parse the DAG (seconds): ``python parse_dag.py FOLDER``."""

import sys
import time

from airflow.models.dagbag import DagBag


def main() -> None:
    """Parse once, as a new process of the DAG processor does."""
    folder = sys.argv[1]
    sys.path.insert(0, folder)
    began = time.perf_counter()
    bag = DagBag(folder, include_examples=False)
    seconds = time.perf_counter() - began
    if bag.import_errors or not bag.dags:
        raise SystemExit(f"The DAG could not be parsed: {bag.import_errors}")
    print(seconds)


if __name__ == "__main__":
    main()
