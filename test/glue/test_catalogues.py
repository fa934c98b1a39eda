"""Records of a catalogue become products: each is accounted for, and no review comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch, Input, lines, native
from reviews import contracts, executors
from reviews.errors import ContractError, JobError
from reviews.flatten import flattener
from reviews.flatten import job as flatten_job
from reviews.manifest import load

BUSINESS = {"business_id": "P1", "name": "Taqueria", "review_count": 3, "categories": "Mexican, Bars"}
REVIEW = {
    "review_id": "R1",
    "business_id": "P1",
    "user_id": "U1",
    "stars": 4,
    "date": "2030-01-01",
}


def businesses(*records: dict[str, Any]) -> Input:
    return Input(lines(*records), source="yelp-businesses", name="business.json")


def reviews(*records: dict[str, Any]) -> Input:
    return Input(lines(*records), source="yelp")


def test_every_record_is_a_product_a_duplicate_or_rejected(run_batch: Callable[..., Batch]) -> None:
    renamed, nameless = BUSINESS | {"name": "Cantina"}, {"name": "Nowhere", "review_count": 0}
    batch = run_batch(businesses(BUSINESS, nameless, renamed, BUSINESS | {"business_id": "P2"}))
    assert batch.figures() == {
        "recordsRead": 4,
        "published": 2,
        "duplicates": 1,
        "rejected": {"MISSING_PRODUCT": 1},
    }
    assert {row["product_id"]: row["title"] for row in batch.tables["products"]} == {
        "P1": "Cantina",
        "P2": "Taqueria",
    }
    assert batch.reviews == []
    assert batch.rejected[0]["source"] == "yelp-businesses"


def test_a_review_among_the_products_is_rejected(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(businesses(BUSINESS, REVIEW))
    assert batch.figures()["rejected"] == {"SCHEMA_MISMATCH": 1}
    (rejected,) = batch.rejected
    assert rejected["details"] == ['"review_id" is there, which no record of the catalogue has']


def test_the_catalogue_describes_the_product_that_reviews_are_about(run_batch: Callable[..., Batch]) -> None:
    review = REVIEW | {"date": "2026-11-21 20:00:00", "crowd": 3}
    batch = run_batch(reviews(review), businesses(BUSINESS), reviews(review | {"review_id": "R2"}))
    (product,) = batch.tables["products"]
    assert (product["title"], product["categories"]) == ("Taqueria", ["Mexican", "Bars"])
    assert product["from_catalogue"] is True
    assert json.loads(product["attributes"]) == {"review_count": 3}
    assert {row["product_key"] for row in batch.reviews} == {product["product_key"]}
    assert [batch.figures(number)["published"] for number in range(3)] == [1, 1, 1]


def test_a_product_that_only_reviews_name_has_nothing_of_a_catalogue(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(Input(lines(native(mood="fine"))))
    (product,) = batch.tables["products"]
    assert (product["from_catalogue"], product["attributes"]) == (False, None)
    assert json.loads(batch.reviews[0]["attributes"]) == {"mood": "fine"}


def test_groups_of_parts_end_in_the_same_products(
    run_batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = REVIEW | {"date": "2026-11-20"}
    inputs = (reviews(review), businesses(BUSINESS), businesses(BUSINESS | {"name": "Cantina"}))
    whole = run_batch(*inputs)
    monkeypatch.setattr(flatten_job, "GROUP_BYTES", 1)
    batch = load(str(tmp_path / "manifest.json"))
    _, rows = flatten_job.run(batch, executors.InProcess())
    assert rows == whole.outcome["tables"]
    assert (rows["products"], rows["reviews"]) == (1, 1)


def test_a_product_that_is_not_written_fails_the_job(
    run_batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_batch(businesses(BUSINESS))
    monkeypatch.setattr(flattener, "catalogue_rows", lambda *_: 0)
    with pytest.raises(JobError, match="products of catalogues holds 0 rows, the clean job counted 1"):
        flatten_job.run(load(str(tmp_path / "manifest.json")), executors.InProcess())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"identity": "review_id"}, "identity is review_id, which no field maps; it may be product_id"),
        ({"identity": ["business_id"]}, "identity of a catalogue must be product_id"),
        ({"fields": {"product_id": ["id"], "created_at": ["date"]}}, "'created_at' is not known"),
        ({"rating": {"minimum": 1, "maximum": 5}}, "a catalogue: 'rating' is not known"),
        ({"lists": {}}, "a catalogue: 'lists' is not known"),
    ],
)
def test_a_contract_of_a_catalogue_holds_nothing_of_reviews(changes: dict[str, Any], message: str) -> None:
    document = {
        "source": "shop-products",
        "description": "A shop's products.",
        "productsOf": "shop",
        "recognise": {"all": ["sku"]},
        "identity": "product_id",
        "fields": {"product_id": ["sku"]},
    }
    contracts.parse(document, "shop-products")
    with pytest.raises(ContractError, match=message):
        contracts.parse(document | changes, "shop-products")
