"""dbt started ahead of the platform, as the one-machine edition does."""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from dbt_runs import PROJECT
from emulator_process import ROOT
from warehouse import Warehouse

_CONNECTION = ("SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL", "SNOWFLAKE_PRIVATE_KEY_PATH")


def start(warehouse: Warehouse, parsed: Path) -> subprocess.Popen[str]:
    """Starts it without telling it where Snowflake is."""
    known = {name: value for name, value in warehouse.connect_environment.items() if name not in _CONNECTION}
    return subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "local" / "run" / "dbt_ahead.py")),
            *("--project-dir", str(PROJECT), "--parsed", str(parsed), "--vars", "{visibility_minutes: 0}"),
        ],
        env={**os.environ, **known},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_it_builds_what_it_is_told_when_it_is_told_where(empty_warehouse: Warehouse, tmp_path: Path) -> None:
    parsed = tmp_path / "parsed"
    parsed.mkdir()
    asked = {
        "environment": dict(empty_warehouse.connect_environment),
        "arguments": [
            *("run", "--select", "stg_file_events"),
            *("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")),
        ],
    }
    dbt = start(empty_warehouse, parsed)
    output, _ = dbt.communicate(f"{json.dumps(asked)}\n")
    assert dbt.returncode == 0, output
    results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    assert {result["unique_id"]: result["status"] for result in results} == {
        "operation.reviews.reviews-on-run-start-0": "success",
        "model.reviews.stg_file_events": "success",
        "operation.reviews.reviews-on-run-end-0": "success",
        "operation.reviews.reviews-on-run-end-1": "success",
    }

    again = start(empty_warehouse, parsed)
    output, _ = again.communicate("")
    assert (again.returncode, output.count("Error")) == (0, 0), output
    # The second one found nothing to parse, wherever its Snowflake would have been.
    last_run = (parsed / "dbt.log").read_text().rpartition("Running with dbt")[2]
    assert "Partial parsing enabled, no changes found, skipping parsing" in last_run
