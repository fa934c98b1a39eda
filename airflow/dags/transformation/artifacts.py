"""What is kept of a run, in S3: `<reviews.artifacts_uri>/<run id>/<file>`.

Tasks may run on different workers with a disk each, so every task keeps its own artifacts before it ends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformation.settings import option

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

_log = logging.getLogger(__name__)

BETWEEN_RUNS = "between-runs"
"""In place of a run's id: what one run leaves for the next."""


def artifacts_uri(run_id: str) -> str:
    """Where a run's artifacts are."""
    return f"{option('artifacts_uri').rstrip('/')}/{run_id}"


def keep(run_id: str, files: Iterable[tuple[Path, str]]) -> None:
    """Keeps files under the given names; files that do not exist are skipped."""
    for file, name in files:
        if file.is_file():
            _hook().load_file(str(file), f"{artifacts_uri(run_id)}/{name}", replace=True)
    _log.info("Artifacts are kept in %s/", artifacts_uri(run_id))


def write(run_id: str, name: str, text: str) -> None:
    """Keeps a text as a file."""
    _hook().load_string(text, f"{artifacts_uri(run_id)}/{name}", replace=True)


def read(run_id: str, name: str) -> str | None:
    """Content of a kept file, or None if there is none."""
    found = _object(run_id, name)
    return found.get()["Body"].read().decode() if found else None


def fetch(run_id: str, name: str, file: Path) -> None:
    """Downloads a kept file, if there is one."""
    if found := _object(run_id, name):
        found.download_file(str(file))


def _object(run_id: str, name: str) -> Any:
    key = f"{artifacts_uri(run_id)}/{name}"
    hook = _hook()
    return hook.get_key(key) if hook.check_for_key(key) else None


def _hook() -> S3Hook:
    # Heavy, and not needed to parse the DAG.
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id=None)
