"""The published tables (contracts/tables), and the columns that a source contract may fill."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

# Columns that the pipeline itself computes: no source contract can map onto them.
_COMPUTED = {
    "reviews": {
        "review_key",
        "source",
        "product_key",
        "reviewer_key",
        "rating_raw",
        "rating_scale",
        "attributes",
    },
    "products": {"product_key", "source", "product_id", "last_seen_at", "from_catalogue", "attributes"},
    "reviewers": {"reviewer_key", "source", "reviewer_id", "last_seen_at"},
    "list": {"review_key", "position"},
    "customers": {"customer_key", "source", "attributes"},
    "support_cases": {"case_key", "source", "customer_key", "attributes"},
}
_LINEAGE = {"file_id", "record_number", "ingested_at", "original_batch_id"}
_SQL_TYPES = {"long": "bigint", "integer": "int"}

LISTS = {"media": "review_media", "responses": "review_responses", "tags": "review_tags"}


RECORDS = {"reviews": "review", "customers": "customer", "support_cases": "case"}
"""Table that records of a source can become → the prefix of its key and of the source's own id."""


def key(records: str) -> str:
    """Column with the key of what a record describes."""
    return f"{RECORDS[records]}_key"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    """The SQL name of the type; texts are `string`."""
    nullable: bool


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]


@functools.cache
def read_contract(name: str) -> str:
    """Text of the contract file `name`, for example `tables/reviews.json`.

    contracts/ is inside this package in the zip for Glue, and at the top of the repository otherwise.
    """
    packaged = resources.files("reviews").joinpath("contracts")
    folder = packaged if packaged.is_dir() else Path(__file__).parents[2] / "contracts"
    return folder.joinpath(*name.split("/")).read_text(encoding="utf-8")


@functools.cache
def table(name: str) -> Table:
    document = json.loads(read_contract(f"tables/{name}.json"))
    columns = tuple(
        Column(c["name"], _SQL_TYPES.get(c["type"], c["type"]), c["nullable"]) for c in document["columns"]
    )
    return Table(name, columns)


@functools.cache
def canonical_fields(records: str = "reviews") -> dict[str, str]:
    """Canonical field that a contract of such records may map → its type."""
    fields = _mappable(records, records, "")
    if records != "reviews":
        return fields
    return (
        fields
        | _mappable("products", "products", "product.")
        | _mappable("reviewers", "reviewers", "reviewer.")
    )


@functools.cache
def list_items(name: str) -> dict[str, str]:
    """Column of the list `name` (media, responses, tags) that a source contract may map → its type."""
    return _mappable(LISTS[name], "list", "")


def _mappable(table_name: str, computed: str, prefix: str) -> dict[str, str]:
    hidden = _COMPUTED[computed] | _LINEAGE
    return {prefix + c.name: c.type for c in table(table_name).columns if c.name not in hidden}
