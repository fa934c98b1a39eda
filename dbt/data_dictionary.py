"""Writes docs/data-dictionary.md from contracts/ and the models' YAML: a description has one place.

Run it after a change of a contract or a model (`npm run data-dictionary`); a test fails while they differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
MODELS = Path(__file__).resolve().parent / "models"
PAGE = ROOT / "docs" / "data-dictionary.md"

_HEADER = """\
<!-- Written by `npm run data-dictionary`: change the text in contracts/ or dbt/models, then run it. -->

# Data dictionary

| layer | what it holds | who reads it |
|---|---|---|
| [PRESENTATION](#presentation) | aggregates at a stated grain, for dashboards | BI tools (reporter) |
| [DETAIL](#detail) | texts in clear, where the warehouse has governance | detail reader |
| [CORE](#core) | facts and dimensions, each review in its newest version | dbt (transformer) |
| [STAGING](#staging) | published tables with dbt's names; nothing else is changed | dbt (transformer) |
| [RAW](#raw) | external tables over the published Parquet files | loader, dbt (transformer) |

Times are in UTC. [Personal data](#personal-data) and [reasons](#reasons) are at the end.
"""

_LAYERS = {
    "presentation": "Tables that dashboards read. No marked personal data; persons and reviews by pseudonym.",
    "detail": "What people wrote, with the setting `warehouse.governance`; masked for every other role.",
    "core": "Facts and dimensions. Of personal data only keys, lengths and numbers.",
    "staging": "Views on RAW, one for each published table.",
}

_PII = {
    "direct": "names or shows a person",
    "pseudonymous": "points at one account",
    "free-text": "may hold anything that a person wrote",
}

type Row = Sequence[str]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _contracts() -> list[dict[str, Any]]:
    return [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((CONTRACTS / "tables").glob("*.json"))
    ]


def _models(layer: str) -> list[dict[str, Any]]:
    files = sorted((MODELS / layer).glob("*.yml"))
    return [
        model
        for file in files
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]


def _model(model: dict[str, Any]) -> str:
    columns = (
        [f"`{column['name']}`", column["data_type"], column["description"]] for column in model["columns"]
    )
    description = " ".join(model["description"].split())
    return f"### {model['name']}\n\n{description}\n\n{_table(['column', 'type', 'meaning'], columns)}"


def _published(contract: dict[str, Any]) -> str:
    columns = (
        [
            f"`{column['name']}`",
            column["type"] + ("" if column["nullable"] else ", never null"),
            column["description"],
        ]
        for column in contract["columns"]
    )
    key = ", ".join(f"`{name}`" for name in contract["key"])
    partitions = ", ".join(f"`{name}`" for name in contract["partitions"])
    return (
        f"### {contract['table']}\n\n{contract['description']} Grain: {contract['grain']}. Key: {key}. "
        f"Partitions, from the path: {partitions}.\n\n{_table(['column', 'type', 'meaning'], columns)}"
    )


def _personal_data() -> str:
    rows = (
        [f"`{contract['table']}.{column['name']}`", column["pii"], column["description"]]
        for contract in _contracts()
        for column in contract["columns"]
        if column["pii"] != "none"
    )
    kinds = "\n".join(f"- **{kind}**: {meaning}" for kind, meaning in _PII.items())
    table = _table(["column of RAW", "kind", "meaning"], rows)
    introduction = "Columns that the contracts mark. They stay out of CORE and PRESENTATION."
    return f"## Personal data\n\n{introduction}\n\n{kinds}\n\n{table}"


def _reasons() -> str:
    outcomes = json.loads((CONTRACTS / "outcomes.json").read_text(encoding="utf-8"))
    statuses = ([f"`{name}`", status["description"]] for name, status in outcomes["fileStatuses"].items())
    files = ([f"`{name}`", description] for name, description in outcomes["fileReasons"].items())
    records = (
        [f"`{name}`", reason["description"], "yes" if reason["readable"] else "no"]
        for name, reason in outcomes["recordReasons"].items()
    )
    return "\n".join(
        [
            "## Reasons\n\n### Status of a file\n",
            _table(["status", "meaning"], statuses),
            "### Why a file went no further\n",
            _table(["reason", "meaning"], files),
            "### Why a record was rejected\n",
            "A record with several reasons is counted under the first of this list.\n",
            _table(["reason", "meaning", "the record can be read"], records),
        ]
    )


def render() -> str:
    """Text of the page."""
    layers = [
        "\n".join([f"## {layer.upper()}\n\n{said}\n", *map(_model, _models(layer))])
        for layer, said in _LAYERS.items()
    ]
    raw = "\n".join(
        [
            "## RAW\n",
            "External tables over the published Parquet files, by the contracts of `contracts/tables`.\n",
            *map(_published, _contracts()),
        ]
    )
    return "\n".join([_HEADER, *layers, raw, _personal_data(), _reasons()])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
