"""One Spark session for all tests, and a way to run both jobs on a few hand-made files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from reviews import contracts, executors, manifest, tables
from reviews.clean import job as clean_job
from reviews.flatten import job as flatten_job

GLUE_SCRIPTS = Path(__file__).parents[2] / "glue-scripts"
INGESTED_AT = "2026-11-21T09:00:00.000Z"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["PYTHONPATH"] = str(GLUE_SCRIPTS)  # the Python workers of the splitter import the package, too
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_SUBMIT_ARGS"] = (
        "--master local[2] --driver-memory 2g --conf spark.ui.enabled=false "
        "--conf spark.ui.showConsoleProgress=false "
        f"--conf spark.sql.warehouse.dir={tmp_path_factory.mktemp('warehouse')} pyspark-shell"
    )
    started = SparkSession.builder.appName("tests").getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    yield started
    started.stop()


@dataclass
class Input:
    """One file of a batch; the name's folder is its source."""

    content: bytes | str
    source: str = "native"
    name: str = "reviews.json"
    layout: str = "lines"
    compression: str = "none"
    encoding: str = "utf-8"
    cut_off: bool = False
    wrapper: dict[str, Any] | None = None
    archive: str | None = None

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode(self.encoding)


@dataclass
class Batch:
    """A batch that went through both jobs."""

    root: Path
    outcome: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def figures(self, number: int = 0) -> dict[str, Any]:
        entry = dict(self.outcome["files"][number])
        del entry["fileId"]
        entry.pop("firstRejected", None)
        entry.pop("members", None)
        return entry

    def first_rejected(self, number: int = 0) -> dict[str, Any]:
        """Reason → record and detail of the first record rejected for it."""
        return dict(self.outcome["files"][number].get("firstRejected", {}))

    @property
    def reviews(self) -> list[dict[str, Any]]:
        return self.tables["reviews"]

    @property
    def deleted(self) -> list[dict[str, Any]]:
        return self.tables["deleted_reviews"]

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return self.tables["rejected_records"]


def write_manifest(root: Path, inputs: list[Input], batch_id: str = "20261121T090000Z-1a2b3c4d") -> Path:
    (root / "files").mkdir(parents=True, exist_ok=True)
    entries = []
    for number, one in enumerate(inputs):
        path = root / "files" / f"{number:032x}.json"
        path.write_bytes(one.data)
        entries.append(
            {
                "fileId": f"{number:032x}",
                "bucket": "raw",
                "key": f"reviews/{one.source}/{one.name}",
                "versionId": "1",
                "sizeBytes": len(one.data),
                "etag": "",
                "arrivedAt": INGESTED_AT,
                "source": one.source,
                "uri": str(path),
                "compression": one.compression,
                "encoding": one.encoding,
                "layout": one.layout,
                "cutOff": one.cut_off,
                **({"wrapper": one.wrapper} if one.wrapper else {}),
                **({"archive": one.archive} if one.archive else {}),
            }
        )
    document = {
        "manifestVersion": 1,
        "batchId": batch_id,
        "ingestDate": "2026-11-21",
        "ingestedAt": INGESTED_AT,
        "executionArn": "arn:test",
        "workUri": f"{root}/work/batch={batch_id}/",
        "tablesUri": f"{root}/tables/",
        "files": entries,
    }
    path = root / "manifest.json"
    path.write_text(json.dumps(document))
    return path


def read_tables(root: Path) -> dict[str, list[dict[str, Any]]]:
    tables = {}
    for table in (*flatten_job.PUBLISHED_TABLES, "rejected_records"):
        paths = sorted((root / "tables" / table).rglob("*.parquet"))
        tables[table] = [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]
    return tables


def run_jobs(root: Path, inputs: list[Input], executor: executors.Executor) -> Batch:
    """Both jobs on a batch of these files."""
    batch = manifest.load(str(write_manifest(root, inputs)))
    clean_job.run(batch, executor)
    flatten_job.run(batch, executor)
    outcome = json.loads(Path(batch.work("outcome.json")).read_text())
    return Batch(root, outcome, read_tables(root))


@pytest.fixture
def run_batch(tmp_path: Path) -> Callable[..., Batch]:
    return lambda *inputs: run_jobs(tmp_path, list(inputs), executors.InProcess())


def known_contracts(patch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Makes contracts known to this process beside those of the repository, until the patch ends."""
    added: dict[str, str] = {}
    read = tables.read_contract
    patch.setattr(tables, "read_contract", lambda path: added.get(path) or read(path))

    def add(document: dict[str, Any]) -> None:
        added[f"sources/{document['source']}.json"] = json.dumps(document)
        contracts.load.cache_clear()

    return add


@pytest.fixture
def add_contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Makes a contract known to this process, for one test."""
    yield known_contracts(monkeypatch)
    contracts.load.cache_clear()


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A published row as JSON: without what is null, the attributes as an object."""
    shown = {key: value for key, value in row.items() if value is not None}
    if "attributes" in shown:
        shown["attributes"] = json.loads(shown["attributes"])
    return {key: _json(value) for key, value in shown.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def native(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A valid review of the native format; a change to None leaves the key out."""
    review = {
        "review_id": f"R{number}",
        "product": {"product_id": "P1"},
        "reviewer": {"reviewer_id": "U1"},
        "rating": 4,
        "created_at": "2025-03-01T10:00:00Z",
    }
    return {key: value for key, value in (review | changes).items() if value is not None}


def lines(*records: dict[str, Any] | str) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)
