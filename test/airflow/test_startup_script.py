"""The startup script, as MWAA runs it."""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# "Using a startup script with Amazon MWAA", Amazon MWAA User Guide.
_LIMIT_SECONDS = 300

_DUMP = 'source "$1"; echo "--- left behind"; env'


@dataclass(frozen=True)
class Started:
    """output: what the script said. environment: what MWAA reads after it. seconds: of the clock."""

    output: str
    environment: dict[str, str]
    seconds: float


def start(component: str, home: Path, python: Path = Path(sys.executable)) -> Started:
    """Runs the script with the lock file in it, in a component's environment, without a DAGs folder."""
    template = (ROOT / "airflow" / "startup.sh.template").read_text()
    lock = (ROOT / "dbt" / "requirements.txt").read_text().rstrip("\n")
    script = home / "startup.sh"
    script.write_text(template.replace("@@DBT_REQUIREMENTS@@", lock))
    programs = home / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(python.resolve())
    # Where this machine gets its packages; nothing else of its environment.
    package_index = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    began = time.monotonic()
    shell = subprocess.run(
        ["/bin/bash", "-c", _DUMP, "startup", str(script)],
        env={
            **package_index,
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(home),
            "MWAA_AIRFLOW_COMPONENT": component,
            "AIRFLOW_HOME": str(home),
            "PIP_USER": "true",
            "PYTHONPATH": "/python",
            "DBT_VENV": str(home / "dbt_venv"),
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS,
        check=True,
    )
    said, _, left = shell.stdout.partition("--- left behind\n")
    environment = dict(line.split("=", 1) for line in left.splitlines() if "=" in line)
    return Started(said + shell.stderr, environment, time.monotonic() - began)


def test_a_worker_gets_a_working_dbt(tmp_path: Path) -> None:
    started = start("worker", tmp_path)
    dbt = started.environment["DBT_BIN"]
    assert dbt == str(tmp_path / "dbt_venv" / "bin" / "dbt"), started.output
    version = subprocess.run([dbt, "--version"], env={"HOME": str(tmp_path)}, capture_output=True, text=True)
    assert version.returncode == 0, started.output + version.stderr
    for package in ("dbt-core", "dbt-snowflake"):
        assert f"{package}==" in (ROOT / "dbt" / "requirements.txt").read_text()
    assert "1.11.16" in version.stdout and "snowflake: 1.11.6" in version.stdout
    assert "dbt is installed" in started.output
    # pip's settings for Airflow's own packages are as they were.
    assert started.environment["PIP_USER"] == "true"
    assert started.environment["PYTHONPATH"] == "/python"


@pytest.mark.parametrize("component", ["scheduler", "webserver", "dag-processor", "triggerer"])
def test_what_runs_no_tasks_installs_nothing(component: str, tmp_path: Path) -> None:
    started = start(component, tmp_path)
    assert started.environment["DBT_BIN"] == str(tmp_path / "dbt_venv" / "bin" / "dbt")
    assert not (tmp_path / "dbt_venv").exists()
    assert started.seconds < 30


def test_a_failure_is_told_and_takes_nothing_down(tmp_path: Path) -> None:
    started = start("hybrid", tmp_path, Path("/bin/false"))
    assert "dbt could not be installed" in started.output
    assert "DBT_BIN" in started.environment
