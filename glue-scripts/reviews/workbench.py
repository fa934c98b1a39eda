"""Tries out a new contract: `python -m reviews.workbench check [NAME…]` and `preview NAME PATH`.

Runs the jobs' own code in this process, without Spark and AWS.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from reviews import contracts, tables, validate
from reviews.clean import job as clean
from reviews.errors import JobError
from reviews.executors import InProcess
from reviews.flatten import job as flatten

_KEYS = {"review_key", "product_key", "reviewer_key", "customer_key", "case_key"}
_LINEAGE = {"file_id", "record_number", "ingested_at", "source"} | _KEYS


def check(name: str) -> str | None:
    """The jobs' error for a contract; None if they accept it."""
    try:
        contracts.parse(json.loads(tables.read_contract(f"sources/{name}.json")), name)
    except (JobError, OSError, ValueError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error}" if not isinstance(error, JobError) else str(error)
    return None


def preview(name: str, path: Path) -> dict[str, Any]:
    """The rows of a file under the contract `name`, and the keys that the contract does not map.

    Raises:
        JobError: there is no such contract, it is broken, or the file cannot be examined here.
    """
    source = contracts.load(name)
    key = f"reviews/{name}/{path.name}"
    verdict = validate.examined(path, key)
    recognised = validate.examined(path, f"reviews/{path.name}").get("form", {}).get("source")
    if "ending" in verdict:
        return {**verdict["ending"], "recognisedAs": recognised, "rows": {}}
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        batch = validate.manifest_of(path, key, verdict["form"], Path(folder), datetime.now(UTC))
        clean.run(batch, InProcess())
        figures, _ = flatten.run(batch, InProcess())
        rows = {table: list(_rows(batch.table(table))) for table in flatten.PUBLISHED_TABLES}
    reviews = rows["reviews"]
    unmapped = Counter(key for row in reviews for key in json.loads(row.get("attributes") or "{}"))
    filled = {
        column
        for table in rows.values()
        for row in table
        for column, value in row.items()
        if value is not None
    }
    return {
        **validate.figures_of(figures[0]),
        "recognisedAs": recognised,
        "rows": {table: [_plain(row) for row in found] for table, found in rows.items() if found},
        # Kept as JSON in the attributes of the review.
        "unmapped": dict(unmapped.most_common()),
        "neverFilled": sorted(field for field in source.fields if field.split(".")[-1] not in filled)
        if reviews
        else [],
    }


def _rows(folder: str) -> list[dict[str, Any]]:
    paths = sorted(Path(folder.removeprefix("file://")).rglob("part-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as in a fixture: without keys, lineage and nulls; the attributes as an object."""
    shown = {key: value for key, value in row.items() if value is not None and key not in _LINEAGE}
    if "attributes" in shown:
        shown["attributes"] = json.loads(shown["attributes"])
    return {key: _json(value) for key, value in shown.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def main() -> None:
    """Prints the answer as JSON; exits with 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m reviews.workbench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("names", nargs="*")
    previewing = commands.add_parser("preview")
    previewing.add_argument("name")
    previewing.add_argument("path", type=Path)
    arguments = parser.parse_args()
    try:
        answer = (
            {name: check(name) for name in arguments.names}
            if arguments.command == "check"
            else preview(arguments.name, arguments.path)
        )
    except (JobError, OSError) as error:
        print(f"workbench: {error}", file=sys.stderr)
        sys.exit(2)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
