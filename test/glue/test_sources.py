"""One made-up record of every producer, and the canonical review it becomes; all sources in one batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import INGESTED_AT, Batch, Input, lines, run_jobs
from reviews import contracts, executors
from source_fixtures import NAMES, fixture, rows_of_file


def as_input(name: str) -> Input:
    """The record in a file as its contract describes it: inside the wrapper, in the source's notation."""
    made, source = fixture(name), contracts.load(name)
    record, file_name = made["record"], made.get("name", "reviews.json")
    if source.wrapper is None:
        text = repr(record) + "\n" if source.syntax == "python-dict" else lines(record)
        return Input(text, source=name, name=file_name)
    document: Any = {"1": record} if source.wrapper.holds == "map" else [record]
    for key in reversed(source.wrapper.paths[-1]):
        document = {key: document}
    return Input(json.dumps(document, indent=2), source=name, name=file_name, layout="wrapped")


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    root = tmp_path_factory.mktemp("sources")
    return run_jobs(root, [as_input(name) for name in NAMES], executors.InProcess())


def test_every_contract_has_a_fixture() -> None:
    paths = (Path(__file__).parents[2] / "contracts" / "sources").glob("*.json")
    assert sorted(path.stem for path in paths) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_maps_onto_the_canonical_review(batch: Batch, name: str) -> None:
    assert rows_of_file(batch, NAMES.index(name)) == fixture(name)["expected"]


def test_keys_do_not_depend_on_the_batch(batch: Batch) -> None:
    rows = {row["source"]: row for row in batch.reviews}
    # sha256("yelp\n3:Y-1"), by another implementation of the rule in mapping/fields.py
    import hashlib

    assert rows["yelp"]["review_key"] == hashlib.sha256(b"yelp\n3:Y-1").hexdigest()
    natural = b"amazon-2018\n2:A1\n2:B1\n10:1441324800"
    assert rows["amazon-2018"]["review_key"] == hashlib.sha256(natural).hexdigest()
    assert all(row["ingested_at"] == datetime.fromisoformat(INGESTED_AT) for row in batch.reviews)


def test_a_time_that_editions_name_differently_makes_the_same_review(run_batch: Callable[..., Batch]) -> None:
    record = fixture("amazon-2023")["record"]
    renamed = {key: value for key, value in record.items() if key != "timestamp"}
    renamed["sortTimestamp"] = record["timestamp"]
    unnamed = {key: value for key, value in record.items() if key != "timestamp"}
    batch = run_batch(*(Input(lines(each), source="amazon-2023") for each in (record, renamed, unnamed)))
    (review,) = batch.reviews
    assert review["created_at"] == datetime(2020, 5, 5, 14, 8, 48, 923_000, tzinfo=UTC)
    assert set(json.loads(review["attributes"])) == {"images"}
    (rejected,) = batch.rejected
    assert "MISSING_ID" in rejected["reasons"]
