"""Small files in the shapes that public bug reports describe: the outcome of each, from its bytes to the
tables.

`cases/cases.json` says what is right. `tables` names rows in the order of their record numbers, of each the
columns that matter; of `attributes` the keys that matter. A case that has `unmet` is not met yet.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch, Input, plain, run_jobs
from reviews import executors

TOP = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "cases"
FILES = FOLDER / "files"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text())


def _verdicts() -> list[dict[str, Any]]:
    """What register-files says of each case's file."""
    asked = [{"path": str(FILES / c["file"]), "key": f"reviews/{c['dropped_as']}"} for c in CASES]
    command = [
        str(TOP / "node_modules/.bin/node"),
        "--import",
        "tsx",
        "lib/functions/register-files/examine-path.ts",
    ]
    answer = subprocess.run(  # noqa: S603
        command, input=json.dumps(asked), capture_output=True, text=True, check=True, cwd=TOP
    )
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Case → how its file ended at registration, or its number in the batch of all that went on, and the
    batch."""
    ended, inputs = {}, []
    for case, verdict in zip(CASES, _verdicts(), strict=True):
        if "ending" in verdict:
            ended[case["file"]] = verdict["ending"]
            continue
        form = verdict["form"]
        inputs.append(Input((FILES / case["file"]).read_bytes(), name=case["file"], **_settings(form)))
    batch = run_jobs(tmp_path_factory.mktemp("cases"), inputs, executors.InProcess())
    numbers = {one.name: number for number, one in enumerate(inputs)}
    return {"ended": ended, "numbers": numbers, "batch": batch}


def _settings(form: dict[str, Any]) -> dict[str, Any]:
    return {"cut_off" if name == "cutOff" else name: value for name, value in form.items()}


def _case(case: dict[str, Any]) -> Any:
    unmet = case.get("unmet")
    marks = [pytest.mark.xfail(reason=unmet, strict=True)] if unmet else []
    return pytest.param(case["file"], case["expected"], id=case["file"], marks=marks)


def test_every_case_has_its_file() -> None:
    named = sorted(case["file"] for case in CASES)
    assert named == sorted(path.name for path in FILES.iterdir())


@pytest.mark.parametrize(("name", "expected"), [_case(case) for case in CASES])
def test_a_case_ends_as_it_should(name: str, expected: dict[str, Any], results: dict[str, Any]) -> None:
    if ending := expected.get("ending"):
        found = results["ended"].get(name, {})
        assert {key: found.get(key) for key in ending} == ending
        return
    assert name not in results["ended"], results["ended"][name]
    batch: Batch = results["batch"]
    number = results["numbers"][name]
    figures = {key: value for key, value in expected.items() if key != "tables"}
    assert batch.figures(number) == figures
    for table, rows in expected.get("tables", {}).items():
        of_file = [row for row in batch.tables[table] if row["file_id"] == f"{number:032x}"]
        found_rows = [plain(row) for row in sorted(of_file, key=lambda row: row["record_number"])]
        assert _reduced(found_rows, rows) == rows


def _reduced(found: Any, expected: Any) -> Any:
    """`found` without the keys that `expected` does not name."""
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [_reduced(one, other) for one, other in zip(found, expected, strict=True)]
    if isinstance(expected, dict) and isinstance(found, dict):
        return {key: _reduced(found.get(key), value) for key, value in expected.items()}
    return found
