"""Runs of dbt on the project as it is."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from emulator_process import ROOT

PROJECT = ROOT / "dbt"


@dataclass(frozen=True)
class DbtRun:
    """What a dbt command did.

    output: its words. statuses, rows_affected: of every node by its name. statements: that it sent to
    Snowflake. seconds: without dbt's own start.
    """

    succeeded: bool
    output: str
    statuses: Mapping[str, str]
    rows_affected: Mapping[str, int]
    statements: Sequence[str]
    seconds: float

    def with_status(self, *statuses: str) -> set[str]:
        """Names of the nodes that ended so."""
        return {name for name, status in self.statuses.items() if status in statuses}


def _name(unique_id: str) -> str:
    """The node's name; of a generic test without the digest that dbt appends."""
    kind, _project, *parts = unique_id.split(".")
    return parts[0] if kind == "test" else ".".join(parts)


def _digest(mapping: Mapping[str, str]) -> str:
    """The same for mappings of the same content."""
    return sha256(json.dumps(dict(mapping), sort_keys=True).encode()).hexdigest()[:16]


def _manifest(parsed: Path) -> Manifest:
    """A manifest of its own for each run, which writes into it."""
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    manifest.build_flat_graph()
    return manifest


def run_dbt(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    variables: Mapping[str, Any],
    project: Path = PROJECT,
) -> DbtRun:
    """Runs a command line of dbt, in this process: its start would take longer than what most tests ask.

    folder: for artifacts.
    """
    target = folder / "target"
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    # dbt would parse everything again whenever variables change, though no model is configured by one.
    parsed = folder / f"{_digest({**environment, 'project': str(project)})}.msgpack"
    manifest = _manifest(parsed) if parsed.exists() else None
    output = io.StringIO()
    statements: list[str] = []

    def note(event: EventMsg) -> None:
        if event.info.name == "SQLQuery":
            statements.append(event.data.sql)

    with patch.dict(os.environ, environment), contextlib.redirect_stdout(output):
        outcome = dbtRunner(manifest=manifest, callbacks=[note]).invoke(
            [
                *arguments,
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(target), "--log-level-file", "none", "--no-use-colors"),
                *("--vars", json.dumps(dict(variables))),
            ]
        )
    if (made := target / "partial_parse.msgpack").exists():
        made.replace(parsed)
    words = f"{output.getvalue()}\n{outcome.exception or ''}"
    nodes = json.loads(results.read_text())["results"] if results.exists() else []
    names = [_name(node["unique_id"]) for node in nodes]
    return DbtRun(
        succeeded=outcome.success,
        output=words,
        statuses={name: node["status"] for name, node in zip(names, nodes, strict=True)},
        rows_affected={
            name: int(node["adapter_response"].get("rows_affected", 0))
            for name, node in zip(names, nodes, strict=True)
        },
        statements=statements,
        seconds=sum(node["execution_time"] for node in nodes),
    )
