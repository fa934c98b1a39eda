"""Files as loaders lay them out, with the settings of docs/loaders.md: the same reviews come of each."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Batch, Input, lines
from flat_reviews import SOURCE, contract
from formats_written import as_csv, parquet
from reviews import contracts

# Columns of a table of reviews, as a database has them.
ROWS = [
    {"no": "r1", "item": "P1", "stars": "4", "on": "2025-03-01"},
    {"no": "r2", "item": "P2", "stars": "5", "on": "2025-03-02"},
]
NAMES = list(ROWS[0])
EXPECTED = {("r1", "P1", 4.0), ("r2", "P2", 5.0)}
SYNCED = "2026-11-20T10:00:00Z"
NATIVE = [
    {
        "review_id": row["no"],
        "product": {"product_id": row["item"]},
        "reviewer": {"reviewer_id": "u"},
        "rating": float(row["stars"]),
        "created_at": row["on"],
    }
    for row in ROWS
]


def airbyte() -> Input:
    """JSON Lines, gzip, no flattening. "S3", Airbyte documentation, JSON Lines format."""
    wrapped = [
        {
            "_airbyte_raw_id": f"{number}-a",
            "_airbyte_extracted_at": 1_732_096_800_000 + number,
            "_airbyte_meta": {"changes": [], "sync_id": 7},
            "_airbyte_generation_id": 1,
            "_airbyte_data": review,
        }
        for number, review in enumerate(NATIVE)
    ]
    name = "reviews/2026_11_20_1732096800000_0.jsonl.gz"
    return Input(gzip.compress(lines(*wrapped).encode()), name=name, compression="gzip")


def fivetran() -> Input:
    """Parquet with its system columns. "System Columns and Tables", Fivetran documentation."""
    rows = [{**row, "_fivetran_synced": SYNCED, "_fivetran_deleted": False} for row in ROWS]
    return Input(parquet(rows), source=SOURCE, name="reviews/data/part-0.parquet", layout="parquet")


def nifi() -> Input:
    """One object per line. "JsonRecordSetWriter", Apache NiFi documentation: Output Grouping."""
    return Input(lines(*NATIVE), name="reviews/0f8fad5b-d9cb-469f-a165-70867728950e.json")


def kafka_connect() -> Input:
    """JSON of a converter with schemas. "Amazon S3 Sink Connector", Confluent documentation: JsonFormat."""
    schema = {"type": "struct", "fields": [], "optional": False}
    wrapped = [{"schema": schema, "payload": review} for review in NATIVE]
    return Input(lines(*wrapped), name="topics/reviews/partition=0/reviews+0+0000000000.json")


def dms() -> Input:
    """CSV with names and Op. "Using Amazon S3 as a target for AWS Database Migration Service"."""
    rows = [{"Op": "I", **row} for row in ROWS]
    text = as_csv(["Op", *NAMES], rows, lineterminator="\n")
    return Input(text, source=SOURCE, name="public/reviews/LOAD00000001.csv", layout="csv")


def sqoop() -> Input:
    """CSV without names, \\N for no value. "Output line formatting arguments", Sqoop User Guide."""
    text = as_csv([*NAMES, "msg"], [{**row, "msg": "\\N"} for row in ROWS], header=False, lineterminator="\n")
    return Input(text, source=SOURCE, name="reviews/part-m-00000", layout="csv")


def talend() -> Input:
    """Semicolons, names in the first row, CRLF. "tFileOutputDelimited", Talend documentation."""
    text = as_csv(NAMES, ROWS, delimiter=";", lineterminator="\r\n")
    return Input(text, source=SOURCE, name="reviews/out.csv", layout="csv")


LOADERS: dict[str, tuple[Callable[[], Input], dict[str, Any]]] = {
    "Airbyte": (airbyte, {}),
    "Fivetran": (fivetran, {"format": "parquet"}),
    "NiFi": (nifi, {}),
    "Kafka Connect": (kafka_connect, {}),
    "DMS": (dms, {"format": "csv"}),
    "Sqoop": (sqoop, {"format": "csv", "csv": {"names": [*NAMES, "msg"]}, "nulls": ["\\N"]}),
    "Talend": (talend, {"format": "csv", "csv": {"delimiter": ";"}}),
}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the source of the tables of reviews read by a contract of this format."""

    def use(**changes: Any) -> None:
        made, load = contracts.parse(contract(**changes), SOURCE), contracts.load
        monkeypatch.setattr(contracts, "load", lambda name: made if name == SOURCE else load(name))

    return use


@pytest.mark.parametrize("loader", LOADERS)
def test_files_of_a_loader_hold_each_review_once(
    run_batch: Callable[..., Batch], reads: Callable[..., None], loader: str
) -> None:
    made, contract_of_loader = LOADERS[loader]
    reads(**contract_of_loader)
    batch = run_batch(made())
    assert {(row["review_id"], row["product_id"], row["rating"]) for row in batch.reviews} == EXPECTED
    assert batch.figures() == {"recordsRead": 2, "published": 2, "duplicates": 0, "rejected": {}}
    assert {(row["body"], row["attributes"]) for row in batch.reviews} == {(None, None)}


@pytest.mark.parametrize("loader", ["DMS", "Fivetran"])
def test_a_deletion_by_a_loader_is_a_deletion_of_the_review(
    run_batch: Callable[..., Batch], reads: Callable[..., None], loader: str
) -> None:
    reads(format="csv" if loader == "DMS" else "parquet")
    kept, gone = ROWS
    if loader == "DMS":
        rows = [{"Op": "U", **kept}, {"Op": "D", **gone}]
        made = Input(as_csv(["Op", *NAMES], rows), source=SOURCE, name="2026/1.csv", layout="csv")
    else:
        flags = ((kept, False), (gone, True))
        rows = [{**row, "_fivetran_synced": SYNCED, "_fivetran_deleted": flag} for row, flag in flags]
        made = Input(parquet(rows), source=SOURCE, name="1.parquet", layout="parquet")
    batch = run_batch(made)
    assert [row["review_id"] for row in batch.reviews] == ["r1"]
    assert [row["reason"] for row in batch.deleted] == ["SOURCE"]
