"""Writes models/staging/_sources.yml from contracts/tables, so that the columns of raw have one definition.

Run it after a change of a contract; a test fails while the file and the contracts differ.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts" / "tables"
SOURCES = Path(__file__).resolve().parent / "models" / "staging" / "_sources.yml"

_HEADER = "# Written by sources_from_contracts.py from contracts/tables: change the contract, then run it.\n"

_TYPES = {
    "string": "varchar",
    "boolean": "boolean",
    "integer": "number(38,0)",
    "long": "number(38,0)",
    "double": "float",
    "date": "date",
    "timestamp": "timestamp_ntz",
    "array<string>": "array",
}

# Where lib/warehouse makes the external tables of.
_STAGE = "@RAW.PUBLISHED"
_FILE_FORMAT = "RAW.PARQUET"

_PARTITIONS = {
    "ingest_date": ("date", "UTC date on which the batch was registered; the external table's partition."),
    "batch_id": ("varchar", "Identity of the batch that published the row."),
}

# Time of arrival of a row. Where a healthy pipeline may stay silent (nothing rejected, no pictures)
# no freshness is asked for.
_LOADED_AT = {
    "file_events": "occurred_at",
    "reviews": "ingested_at",
    "products": "ingested_at",
    "reviewers": "ingested_at",
}
_FRESHNESS = {
    "warn_after": {"count": 1, "period": "day"},
    "error_after": {"count": 3, "period": "day"},
    # Without it the query reads the whole history only to find the newest row.
    "filter": "ingest_date >= dateadd('day', -30, current_date)",
}


def snowflake_type(contract_type: str) -> str:
    """Snowflake's type of a column of a contract's type."""
    if decimal := re.fullmatch(r"decimal\((\d+),(\d+)\)", contract_type):
        return f"number({decimal[1]},{decimal[2]})"
    return _TYPES[contract_type]


def _column(column: dict[str, Any]) -> dict[str, Any]:
    entry = {
        "name": column["name"],
        "data_type": snowflake_type(column["type"]),
        "description": column["description"],
    }
    if column["pii"] != "none":
        entry["config"] = {"meta": {"pii": column["pii"]}}
    return entry


def _table(contract: dict[str, Any]) -> dict[str, Any]:
    name = contract["table"]
    config: dict[str, Any] = {"freshness": None}
    if loaded_at := _LOADED_AT.get(name):
        config = {"loaded_at_field": loaded_at, "freshness": _FRESHNESS}
    partitions = [
        {"name": partition, "data_type": _PARTITIONS[partition][0], "description": _PARTITIONS[partition][1]}
        for partition in contract["partitions"]
    ]
    return {
        "name": name,
        "description": f"{contract['description']} Grain: {contract['grain']}.",
        "config": config,
        "external": {
            "location": f"{_STAGE}/{name}/",
            "file_format": _FILE_FORMAT,
            "partitions": [
                {"name": partition["name"], "data_type": partition["data_type"]} for partition in partitions
            ],
        },
        "columns": [*map(_column, contract["columns"]), *partitions],
    }


def render() -> str:
    """Text of the sources' file."""
    contracts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(CONTRACTS.glob("*.json"))]
    raw = {
        "name": "raw",
        "schema": "RAW",
        "description": "External tables over the published Parquet files: Snowflake keeps their list only.",
        "tables": [_table(contract) for contract in contracts],
    }
    return _HEADER + yaml.dump(
        {"sources": [raw]}, sort_keys=False, width=120, allow_unicode=True, Dumper=_Dumper
    )


class _Dumper(yaml.SafeDumper):
    """Writes repeated mappings out instead of as YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    SOURCES.write_text(render(), encoding="utf-8")
