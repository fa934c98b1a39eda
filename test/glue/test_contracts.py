"""Contracts: what is in the repository loads; what nobody understands is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reviews import contracts, tables
from reviews.errors import ContractError

SOURCES = sorted(path.stem for path in (Path(__file__).parents[2] / "contracts" / "sources").glob("*.json"))


@pytest.mark.parametrize("name", SOURCES)
def test_every_contract_of_the_repository_loads(name: str) -> None:
    source = contracts.load(name)
    assert source.name == name
    assert source.rating is not None or "rating" not in source.fields


def document(**changes: Any) -> dict[str, Any]:
    return json.loads(tables.read_contract("sources/native.json")) | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"feilds": {}}, "'feilds' is not known"),
        (
            {"fields": {"product_id": ["p"], "created_at": ["c"], "stars": ["s"]}},
            "fields: 'stars' is not known",
        ),
        ({"fields": {"product_id": ["p"]}}, "'created_at' is missing"),
        (
            {"identity": ["i"], "fields": {"product_id": [], "created_at": ["c"]}},
            "fields.product_id: .* is not a list of places",
        ),
        ({"identity": ["i"], "fields": {"product_id": [1.5], "created_at": ["c"]}}, "1.5 is not a path"),
        (
            {"identity": ["i"], "fields": {"product_id": [{"fileName": "x"}], "created_at": ["c"]}},
            "has no group",
        ),
        ({"identity": [{"anyOf": ["a", "b"]}]}, "identity: 'anyOf' is not known"),
        ({"identity": [{"firstOf": "time"}]}, "identity: 'time' is not a list of paths"),
        ({"rating": {"minimum": 5, "maximum": 1}}, "minimum must be below"),
        ({"lists": {"pictures": {"paths": ["p"]}}}, "lists: 'pictures' is not known"),
        ({"lists": {"media": {"paths": ["p"], "item": {"uri": ["u"]}}}}, "item: 'uri' is not known"),
        ({"syntax": "yaml"}, "syntax is 'yaml'"),
        ({"source": "other"}, "the file's name says 'native'"),
        ({"wrapper": {"paths": ["data"], "holds": "list"}}, "not array or map"),
    ],
)
def test_refuses_what_it_does_not_know(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contracts.parse(document(**changes), "native")


def test_names_the_missing_contract() -> None:
    with pytest.raises(ContractError, match=r"contracts/sources/nowhere\.json"):
        contracts.load("nowhere")


def test_canonical_fields_are_the_tables_columns() -> None:
    fields = tables.canonical_fields()
    assert fields["helpful_votes"] == "bigint"
    assert fields["product.price_amount"] == "decimal(12,2)"
    assert not {"review_key", "attributes", "file_id", "product.last_seen_at"} & set(fields)
