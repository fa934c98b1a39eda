"""Hostile values: every record is accounted for, and a good record beside a bad one is published."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from conftest import Batch, Input, lines, native, run_jobs
from reviews import executors


def text(**changes: Any) -> str:
    return json.dumps(native(1, **changes))


def with_rating(literal: str) -> str:
    return text(rating=4).replace('"rating": 4', f'"rating": {literal}')


# id → (line, reason); the ids become review ids.
REJECTED: dict[str, tuple[str, str]] = {
    "text after the object": (text() + " trailing", "MALFORMED_JSON"),
    "a bracket after the object": (text() + "] trailing", "MALFORMED_JSON"),
    "two objects": (text() + text(), "MALFORMED_JSON"),
    "two values": (text() + "," + text(), "MALFORMED_JSON"),
    "brackets only": ("],[", "MALFORMED_JSON"),
    "half an object": (text()[:40], "MALFORMED_JSON"),
    "a key twice": (text().replace("{", '{"rating": 1, ', 1), "MALFORMED_JSON"),
    "single quotes, and cut": (text().replace('"', "'")[:-1], "MALFORMED_JSON"),
    "nested 2,000 deep": (
        text(deep=0).replace('"deep": 0', f'"deep": {"[" * 2000}{"]" * 2000}'),
        "MALFORMED_JSON",
    ),
    "a list": ("[1, 2]", "NOT_AN_OBJECT"),
    "a text": ('"text"', "NOT_AN_OBJECT"),
    "null": ("null", "NOT_AN_OBJECT"),
    "a number": ("12", "NOT_AN_OBJECT"),
    "no id": (text(review_id=None), "MISSING_ID"),
    "a blank id": (text(review_id="  "), "MISSING_ID"),
    "an id that is an object": (text(review_id={"$oid": "1"}), "SCHEMA_MISMATCH"),
    "no product": (text(product=None), "MISSING_PRODUCT"),
    "rating 11": (text(rating=11), "RATING_INVALID"),
    "rating in words": (text(rating="5 stars"), "RATING_INVALID"),
    "rating null": (text(rating=None), "RATING_INVALID"),
    "rating true": (text(rating=True), "RATING_INVALID"),
    "rating NaN": (with_rating("NaN"), "RATING_INVALID"),
    "rating 1e400": (with_rating("1e400"), "RATING_INVALID"),
    "year 1": (text(created_at="0001-01-01T00:00:00Z"), "TIMESTAMP_INVALID"),
    "month 13": (text(created_at="2025-13-01"), "TIMESTAMP_INVALID"),
    "no time": (text(created_at=None), "TIMESTAMP_INVALID"),
    "epoch beyond all": (text(created_at=10**30), "TIMESTAMP_INVALID"),
    "the future": (text(created_at="2026-11-23T00:00:00Z"), "TIMESTAMP_FUTURE"),
    "updated in the future": (text(updated_at="2200-01-01"), "TIMESTAMP_FUTURE"),
}
# review id → (line, what is expected of its columns)
PUBLISHED: dict[str, tuple[str, dict[str, Any]]] = {
    "blanks around": ("\t " + text(review_id="blanks around") + " \t", {}),
    "single quotes": (text(review_id="single quotes").replace('"', "'"), {}),
    "tomorrow": (text(review_id="tomorrow", created_at="2026-11-22T08:00:00Z"), {}),
    "NaN": (
        text(review_id="NaN", note='said "NaN, [NaN]" \\')[:-1] + ', "x": [NaN, -Infinity]}',
        {"attributes": {"note": 'said "NaN, [NaN]" \\', "x": [None, None]}},
    ),
    "beyond 64 bits": (
        text(review_id="beyond 64 bits", big=12345678901234567890123, helpful_votes=10**30),
        {"attributes": {"big": 12345678901234567890123, "helpful_votes": 10**30}, "helpful_votes": None},
    ),
    "huge exponent": (text(review_id="huge exponent").replace("{", '{"x": 1e400, ', 1), {}),
    "half a surrogate": (text(review_id="half a surrogate", body="\ud800"), {}),
    "votes in words": (
        text(review_id="votes in words", helpful_votes="many", updated_at="soon", verified_purchase="maybe"),
        {"attributes": {"helpful_votes": "many", "updated_at": "soon", "verified_purchase": "maybe"}},
    ),
    "title is an object": (
        text(review_id="title is an object", title={"en": "x"}, body='{"looks": "like JSON"}'),
        {"attributes": {"title": {"en": "x"}}, "title": None, "body": '{"looks": "like JSON"}'},
    ),
    "unknown inside": (
        text(
            review_id="unknown inside",
            reviewer={"reviewer_id": "U1", "badge": 3},
            media=[{"url": "u", "width": "wide"}],
        ),
        {
            "attributes": {
                "reviewer": {"reviewer_id": "U1", "badge": 3},
                "media": [{"url": "u", "width": "wide"}],
            }
        },
    ),
    "lists of other things": (
        text(review_id="lists of other things", tags=["a", {"b": 1}], media="none"),
        {"attributes": {"tags": ["a", {"b": 1}], "media": "none"}},
    ),
    "a Python dict": (
        text(review_id="a Python dict").replace('"', "'"),
        {"attributes": None},
    ),
    "keys with quotes": (
        text(review_id="keys with quotes") [:-1] + ', "it\'s \\"a\\" key\\n:": 1}',
        {"attributes": {'it\'s "a" key\n:': 1}},
    ),
}  # fmt: skip
LATIN = text(title="caf?").encode().replace(b"?", b"\xe9")
BIG = text(body="x" * (17 * 1024 * 1024))


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    root = tmp_path_factory.mktemp("hostile")
    good, bad = [line for line, _ in PUBLISHED.values()], [line for line, _ in REJECTED.values()]
    inputs = [
        Input(lines(*bad)),
        Input(lines(*good)),
        Input(LATIN + b"\n" + BIG.encode() + b"\n" + lines(native(900)).encode()),
    ]
    return run_jobs(root, inputs, executors.InProcess())


@pytest.mark.parametrize("name", REJECTED)
def test_rejects_with_the_reason_and_the_record_as_received(batch: Batch, name: str) -> None:
    line, reason = REJECTED[name]
    number = list(REJECTED).index(name) + 1
    [row] = [r for r in batch.rejected if r["file_id"] == "0" * 32 and r["record_number"] == number]
    assert (row["reason"], row["record"], row["record_bytes"]) == (reason, line, len(line.encode()))
    assert row["reasons"][0] == reason
    assert row["details"] is None or len(row["details"]) == len(row["reasons"])
    assert all(len(detail) <= 500 for detail in row["details"] or [])


@pytest.mark.parametrize("name", PUBLISHED)
def test_publishes_with_what_no_column_holds(batch: Batch, name: str) -> None:
    [row] = [r for r in batch.reviews if r["review_id"] == name]
    found = row | {"attributes": json.loads(row["attributes"] or "null")}
    assert {column: found[column] for column in PUBLISHED[name][1]} == PUBLISHED[name][1]


def test_every_reason_of_a_record_is_named(batch: Batch) -> None:
    assert batch.figures(0)["recordsRead"] == len(REJECTED)
    assert batch.figures(1)["published"] == len(PUBLISHED)


def test_invalid_bytes_and_too_large_records_cost_only_themselves(batch: Batch) -> None:
    assert batch.figures(2) == {
        "recordsRead": 3, "published": 1, "duplicates": 0, "rejected": {"TOO_LARGE": 1, "ENCODING": 1},
    }  # fmt: skip
    rows = {row["reason"]: row for row in batch.rejected if row["file_id"].endswith("2")}
    assert base64.b64decode(rows["ENCODING"]["record_base64"]) == LATIN
    assert "caf\ufffd" in rows["ENCODING"]["record"]
    assert (len(rows["TOO_LARGE"]["record"]), rows["TOO_LARGE"]["record_bytes"]) == (1024 * 1024, len(BIG))
