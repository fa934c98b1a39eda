"""Airflow for the tests: a home of its own, and the DAGs folder where its processes look for modules."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator_process import Server

_ROOT = Path(__file__).parents[2]
_DAGS = _ROOT / "airflow" / "dags"
_HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

# Airflow reads its configuration when it is imported, which the test modules do.
for _name in [name for name in os.environ if name.startswith(("AIRFLOW", "AWS_", "DBT_", "SNOWFLAKE_"))]:
    del os.environ[_name]
os.environ |= {
    "AIRFLOW_HOME": str(_HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(_DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__API__BASE_URL": "https://airflow.example",
    "AIRFLOW__REVIEWS__ARTIFACTS_URI": "s3://reviews-airflow/artifacts/dbt",
    "AIRFLOW__REVIEWS__SNOWFLAKE_SECRET": "reviews/dbt",
}
sys.path.insert(0, str(_DAGS))


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The local AWS."""
    started = Server.start("aws", tmp_path_factory.mktemp("aws"))
    yield started
    started.stop()
