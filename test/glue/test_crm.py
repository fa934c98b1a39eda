"""Records of a CRM become customers and cases: each is accounted for, beside reviews and without one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch, Input, lines, native
from reviews import contracts, executors
from reviews.erasure.search import search
from reviews.errors import ContractError, JobError
from reviews.flatten import job as flatten_job
from reviews.manifest import load

CONTACT = {
    "Id": "003A",
    "LastName": "Shaw",
    "Email": "ed@shop.example",
    "CreatedDate": "2024-03-04T05:06:07.000+0000",
    "SystemModstamp": "2024-05-06T07:08:09.000+0000",
    "IsDeleted": False,
}
CASE = {
    "Id": "500A",
    "ContactId": "003A",
    "Subject": "Broken",
    "CreatedDate": "2024-06-01T08:00:00.000+0000",
    "SystemModstamp": "2024-06-01T08:00:00.000+0000",
}


def contacts(*records: dict[str, Any]) -> Input:
    return Input(lines(*records), source="salesforce-contacts")


def cases(*records: dict[str, Any]) -> Input:
    return Input(lines(*records), source="salesforce-cases")


def test_every_record_is_a_customer_a_duplicate_or_rejected(run_batch: Callable[..., Batch]) -> None:
    moved = CONTACT | {"Email": "new@shop.example", "SystemModstamp": "2024-07-01T00:00:00Z"}
    nameless = {key: value for key, value in CONTACT.items() if key != "Id"}
    timeless = CONTACT | {"Id": "003B", "CreatedDate": "soon"}
    ahead = CONTACT | {"Id": "003C", "SystemModstamp": "2031-01-01T00:00:00Z"}
    nested = CONTACT | {"Id": {"a": 1}}
    batch = run_batch(contacts(moved, CONTACT, nameless, timeless, ahead, nested, CONTACT | {"Id": "003D"}))
    assert batch.figures() == {
        "recordsRead": 7,
        "published": 2,
        "duplicates": 1,
        "rejected": {
            "MISSING_ID": 1,
            "TIMESTAMP_INVALID": 1,
            "TIMESTAMP_FUTURE": 1,
            "SCHEMA_MISMATCH": 1,
        },
    }
    emails = {row["customer_id"]: row["email"] for row in batch.tables["customers"]}
    assert emails == {"003A": "new@shop.example", "003D": "ed@shop.example"}
    assert (batch.reviews, batch.tables["products"], batch.tables["reviewers"]) == ([], [], [])
    assert batch.outcome["tables"]["customers"] == 2
    assert "looked for customer_id in" in batch.first_rejected()["MISSING_ID"]["detail"]


def test_a_case_names_the_customer_of_its_crm_by_key(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(cases(CASE, CASE | {"Id": "500B", "ContactId": None}), contacts(CONTACT))
    (customer,) = batch.tables["customers"]
    by_id = {row["case_id"]: row["customer_key"] for row in batch.tables["support_cases"]}
    assert by_id == {"500A": customer["customer_key"], "500B": None}
    assert customer["customer_key"] == hashlib.sha256(b"salesforce-contacts\n4:003A").hexdigest()


def test_reviews_and_records_of_a_crm_pass_side_by_side(run_batch: Callable[..., Batch]) -> None:
    alone = run_batch(Input(lines(native())))
    batch = run_batch(contacts(CONTACT), Input(lines(native())), cases(CASE))
    assert [len(batch.tables[name]) for name in ("customers", "reviews", "support_cases")] == [1, 1, 1]
    assert {**batch.reviews[0], "file_id": None} == {**alone.reviews[0], "file_id": None}
    assert [batch.figures(number)["published"] for number in range(3)] == [1, 1, 1]


def test_groups_of_parts_end_in_the_same_tables(
    run_batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_batch(Input(lines(native())), contacts(CONTACT, CONTACT), cases(CASE))
    monkeypatch.setattr(flatten_job, "GROUP_BYTES", 1)
    _, rows = flatten_job.run(load(str(tmp_path / "manifest.json")), executors.InProcess())
    assert rows == whole.outcome["tables"]
    assert (rows["customers"], rows["support_cases"], rows["reviews"]) == (1, 1, 1)


def test_a_customer_that_is_not_written_fails_the_job(
    run_batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_batch(contacts(CONTACT))
    monkeypatch.setattr(flatten_job.queries, "row_tables", lambda _: {})
    with pytest.raises(JobError, match="customers holds 0 rows, the clean job counted 1"):
        flatten_job.run(load(str(tmp_path / "manifest.json")), executors.InProcess())


def test_what_no_column_holds_is_kept(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(contacts(CONTACT | {"Score__c": 7, "Email": ["a@b.example", "c@d.example"]}))
    (customer,) = batch.tables["customers"]
    assert customer["email"] is None
    kept = json.loads(customer["attributes"])
    assert (kept["Score__c"], kept["Email"]) == (7, ["a@b.example", "c@d.example"])


def test_a_deletion_in_an_envelope_is_kept_as_a_reject(run_batch: Callable[..., Batch]) -> None:
    deletion = {"op": "d", "before": CONTACT, "after": None, "source": {}, "ts_ms": 1_717_000_000_000}
    batch = run_batch(contacts(deletion))
    assert batch.figures()["rejected"] == {"DELETED": 1}
    assert batch.deleted == []


@pytest.mark.parametrize(("source", "record"), [("salesforce-contacts", CONTACT), ("salesforce-cases", CASE)])
def test_an_erasure_finds_a_customers_records(
    run_batch: Callable[..., Batch], tmp_path: Path, source: str, record: dict[str, Any]
) -> None:
    person = "Id" if source == "salesforce-contacts" else "ContactId"
    other = record | {"Id": "other", person: "003Z"}
    run_batch(Input(lines(other, record, record | {"CreatedDate": "soon"}), source=source))
    found = search(load(str(tmp_path / "manifest.json")).files[0], "003A")
    assert (found.own, found.others) == ([1, 2], 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"records": "orders"}, "records is 'orders', not one of reviews, customers, support_cases"),
        ({"identity": "review_id"}, "identity is review_id, which no field maps; it may be customer_id"),
        ({"fields": {"customer_id": ["id"], "created_at": ["at"], "rating": ["r"]}}, "'rating' is not known"),
        ({"fields": {"customer_id": ["id"]}}, "'created_at' is missing"),
        ({"rating": {"minimum": 1, "maximum": 5}}, "a contract of customers: 'rating' is not known"),
        ({"productsOf": "shop"}, "a contract of customers: 'productsOf' is not known"),
        ({"customersOf": "shop"}, "a contract of customers: 'customersOf' is not known"),
    ],
)
def test_a_contract_of_customers_holds_nothing_of_reviews(changes: dict[str, Any], message: str) -> None:
    document = {
        "source": "crm",
        "description": "A CRM's contacts.",
        "records": "customers",
        "recognise": {"all": ["id"]},
        "identity": "customer_id",
        "fields": {"customer_id": ["id"], "created_at": ["at"]},
    }
    contracts.parse(document, "crm")
    with pytest.raises(ContractError, match=message):
        contracts.parse(document | changes, "crm")
