"""The fixtures of `sources/`: a made-up record of every producer, and the rows that it becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conftest import Batch, plain
from reviews import contracts

_FOLDER = Path(__file__).parent / "sources"
NAMES = sorted(path.stem for path in _FOLDER.glob("*.json"))
JSON_NAMES = [name for name in NAMES if contracts.load(name).format == "json"]
"""Those whose files are JSON, and may stand in envelopes."""
_KEYS = {"review_key", "product_key", "reviewer_key", "customer_key", "case_key"}
_LINEAGE = {"file_id", "record_number", "ingested_at", "source"} | _KEYS


def fixture(name: str) -> dict[str, Any]:
    """`record` as the producer writes it, `expected` columns of each table; what is not named must be
    null. `name`: the file's name, where it counts."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return found


def rows_of_file(batch: Batch, number: int) -> dict[str, list[dict[str, Any]]]:
    """What the batch's file published and rejected, in the form of a fixture's `expected`."""
    file_id = f"{number:032x}"
    found = {
        table: [_without_lineage(row) for row in rows if row["file_id"] == file_id]
        for table, rows in batch.tables.items()
    }
    return {table: rows for table, rows in found.items() if rows}


def _without_lineage(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain(row).items() if key not in _LINEAGE}
