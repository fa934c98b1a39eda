"""Both jobs from manifest to published Parquet: the accounts balance, whatever the files hold."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import GLUE_SCRIPTS, Batch, Input, lines, native, write_manifest
from reviews import executors, manifest, outcomes, tables
from reviews.clean import job as clean_job
from reviews.errors import JobError
from reviews.flatten import job as flatten_job
from reviews.kernel.kernel import Kernel
from source_fixtures import fixture

Run = Callable[..., Batch]

_ARROW = {"bigint": "int64", "int": "int32", "boolean": "bool", "timestamp": "timestamp[us, tz=UTC]"}


def test_publishes_the_columns_of_the_contracts(run_batch: Run) -> None:
    full = native(
        media=[{"url": "https://x/1.jpg", "width": 640}],
        responses=[{"body": "Thanks", "responded_at": "2025-03-02"}],
        tags=["new"],
    )
    crm = (
        Input(lines(fixture(name)["record"]), source=name) for name in ("hubspot-contacts", "hubspot-tickets")
    )
    batch = run_batch(Input(lines(full, {"Op": "D", **full}, "not json")), *crm)
    for table in (*flatten_job.PUBLISHED_TABLES, "rejected_records"):
        [path] = [
            p
            for p in (batch.root / "tables" / table).rglob("*")
            if p.is_file() and not p.name.startswith(".")
        ]
        assert path.relative_to(batch.root / "tables").parts[1:3] == (
            "ingest_date=2026-11-21",
            "batch_id=20261121T090000Z-1a2b3c4d",
        )
        found = [(f.name, str(f.type)) for f in pq.ParquetFile(path).schema_arrow]
        assert found == [(c.name, _arrow_type(c.type)) for c in tables.table(table).columns]
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def _arrow_type(spark_type: str) -> str:
    if spark_type.startswith("decimal"):
        return "decimal128(12, 2)"
    return {"array<string>": "list<element: string>"}.get(spark_type, _ARROW.get(spark_type, spark_type))


def test_accounts_for_every_record_of_every_file(run_batch: Run) -> None:
    batch = run_batch(
        Input(
            "\ufeff" + lines(native(1), "", native(2), "  \t", "nonsense", native(1)).replace("\n", "\r\n")
        ),
        Input(json.dumps([native(3), native(4, rating=11)]), layout="array"),
        Input(gzip.compress(lines(native(5), native(6)).encode())[:-20], compression="gzip"),
        Input(lines(native(7)), encoding="utf-16le"),
        Input("\n \n"),
        Input(lines(*(native(n) for n in range(100, 300)))),
    )
    assert [batch.figures(n) for n in range(6)] == [
        {"recordsRead": 4, "published": 2, "duplicates": 1, "rejected": {"MALFORMED_JSON": 1}}
        | {"published": 2},
        {"recordsRead": 2, "published": 1, "duplicates": 0, "rejected": {"RATING_INVALID": 1}},
        batch.figures(2),
        {"recordsRead": 1, "published": 1, "duplicates": 0, "rejected": {}},
        {"recordsRead": 0, "published": 0, "duplicates": 0, "rejected": {}},
        {"recordsRead": 200, "published": 200, "duplicates": 0, "rejected": {}},
    ]
    assert batch.figures(2)["rejected"] == {"TRUNCATED": 1}
    assert batch.outcome["tables"]["reviews"] == len(batch.reviews)
    # Record numbers: from 1, blank lines do not count.
    [bad] = [row for row in batch.rejected if row["reason"] == "MALFORMED_JSON"]
    assert (bad["record_number"], bad["record"]) == (3, "nonsense")
    last = {row["review_id"]: row["record_number"] for row in batch.reviews if row["file_id"].endswith("5")}
    assert last == {f"R{n}": n - 99 for n in range(100, 300)}
    assert {row["record_number"] for row in batch.reviews if row["review_id"] == "R1"} == {4}


def test_keeps_the_newest_version_and_on_a_tie_the_last(run_batch: Run) -> None:
    def version(number: int, title: str, updated: str | None = None) -> dict[str, Any]:
        return native(number, title=title, updated_at=updated)

    batch = run_batch(
        Input(
            lines(
                version(1, "newest", "2025-05-01"), version(1, "older", "2025-04-01"),
                version(1, "never updated"),
                version(2, "first"), version(2, "last in the file"),
                version(3, "earlier file"),
            )
        ),
        Input(json.dumps([version(3, "later file")]), layout="array"),
    )  # fmt: skip
    assert {row["review_id"]: row["title"] for row in batch.reviews} == {
        "R1": "newest",
        "R2": "last in the file",
        "R3": "later file",
    }
    assert [batch.figures(n)["duplicates"] for n in (0, 1)] == [4, 0]
    assert len(batch.tables["products"]) == 1


def test_the_newest_review_describes_the_product(run_batch: Run) -> None:
    def about(number: int, title: str, created: str) -> dict[str, Any]:
        return native(number, product={"product_id": "P1", "title": title}, created_at=created)

    batch = run_batch(Input(lines(about(1, "new name", "2025-06-01"), about(2, "old name", "2024-01-01"))))
    [product] = batch.tables["products"]
    assert (product["title"], product["record_number"], product["last_seen_at"].year) == ("new name", 1, 2025)


def test_a_second_run_publishes_the_same_once(run_batch: Run) -> None:
    inputs = [Input(lines(native(1), native(2), native(2), "bad"))]
    first = run_batch(*inputs)
    second = run_batch(*inputs)
    assert first.outcome == second.outcome
    assert first.tables == second.tables
    assert not [p for p in first.root.rglob("_SUCCESS")]


def test_a_rerun_leaves_no_stale_table(run_batch: Run) -> None:
    assert len(run_batch(Input(lines(native(1, tags=["a"]), "bad"))).tables["review_tags"]) == 1
    again = run_batch(Input(lines(native(1))))
    assert (again.tables["review_tags"], again.rejected) == ([], [])
    assert not list((again.root / "tables" / "review_tags").rglob("*.parquet"))


@pytest.mark.parametrize(
    "inputs", [[], [Input("")], [Input("[]", layout="array")]], ids=["no file", "empty", "array"]
)
def test_nothing_to_publish_is_no_failure(run_batch: Run, inputs: list[Input]) -> None:
    batch = run_batch(*inputs)
    assert set(batch.outcome["tables"].values()) == {0}
    assert not list(batch.root.glob("tables/**/*.parquet"))


def test_a_batch_of_rejects_only(run_batch: Run) -> None:
    batch = run_batch(Input(lines("bad", "[1]", native(1, review_id=None))))
    assert batch.figures()["rejected"] == {"MALFORMED_JSON": 1, "NOT_AN_OBJECT": 1, "MISSING_ID": 1}
    assert batch.reviews == []


def test_a_job_that_loses_a_record_fails_with_the_file_and_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = manifest.load(str(write_manifest(tmp_path, [Input(lines(native(1), native(2)))])))
    whole = Kernel.clean

    def losing(kernel: Kernel, *arguments: Any) -> None:
        whole(kernel, *arguments)
        kernel._database.execute("delete from published where review_id = 'R2'")

    monkeypatch.setattr(Kernel, "clean", losing)
    with pytest.raises(JobError, match=r"file 0{32}: 2 records read, but 1 accounted for"):
        clean_job.run(batch, executors.InProcess())
    assert not Path(batch.work(outcomes.CLEAN_OUTCOME)).exists()


def test_several_sources_in_one_batch(run_batch: Run) -> None:
    yelp = {
        "review_id": "R1",
        "user_id": "U1",
        "business_id": "B1",
        "stars": 2.0,
        "date": "2019-01-02",
        "text": "So so",
    }
    batch = run_batch(Input(lines(native(1))), Input(lines(yelp), source="yelp"))
    assert {(row["source"], row["rating"], row["product_id"]) for row in batch.reviews} == {
        ("native", 4.0, "P1"),
        ("yelp", 2.0, "B1"),
    }
    assert len({row["review_key"] for row in batch.reviews}) == 2


def test_the_scripts_end_with_one_line_that_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "manifest.json"
    broken.write_text('{"manifestVersion": 2}')
    for script in ("clean_reviews.py", "flatten_reviews.py"):
        command = [sys.executable, str(GLUE_SCRIPTS / script), "--manifest", str(broken), "--JOB_NAME", "x"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 1
        last_line = done.stderr.splitlines()[-1]
        assert last_line.startswith("reviews.errors.JobError: ")
        assert last_line.endswith("manifestVersion is 2; this job reads 1")


def test_the_scripts_say_how_much_memory_they_had(tmp_path: Path) -> None:
    document = write_manifest(tmp_path, [Input(lines(native(1)))])
    for job in ("clean", "flatten"):
        command = [sys.executable, str(GLUE_SCRIPTS / f"{job}_reviews.py"), "--manifest", str(document)]
        subprocess.run(command, capture_output=True, check=True)  # noqa: S603
        [run] = tmp_path.rglob(f"{job}-run.json")
        # In kilobytes or in pages it would be out of this range.
        assert 30 * 2**20 < json.loads(run.read_text())["peakMemoryBytes"] < 64 * 2**30
