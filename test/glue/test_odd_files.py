"""Files in the shapes of public bug reports: each is counted, and says why where nothing comes of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Batch, Input, lines, native

ONE, TWO, THREE = (json.dumps(native(number)) for number in (1, 2, 3))

READ: dict[str, tuple[Input, int]] = {
    "lines that end in CR LF": (Input(f"{ONE}\r\n{TWO}\r\n"), 2),
    "a carriage return as line end": (Input(f"{ONE}\r{TWO}\r", layout="concatenated"), 2),
    "gzip members that break a line": (
        Input(
            gzip.compress(f"{ONE}\n{TWO[:40]}".encode()) + gzip.compress(f"{TWO[40:]}\n{THREE}".encode()),
            compression="gzip",
        ),
        3,
    ),
    "a mark of byte order in the middle": (Input(f"{ONE}\n\ufeff{TWO}\n"), 2),
    "an array on each line": (Input(f"[{ONE},{TWO}]\n[{THREE}]\n", layout="array"), 3),
    "a comma before the end of an array": (Input(f"[{ONE},\n{TWO},\n]", layout="array"), 2),
    "line separators of Unicode in a text": (Input(lines(native(1, body="a\u2028b\u0085c"))), 1),
    "empty and missing lists": (Input(lines(native(1, tags=[], media=[]), '{"tags": null, ' + TWO[1:])), 2),
    "a number that no column holds": (Input(lines(native(1, helpful_votes=10**30))), 1),
    "keys that differ in their letters": (Input('{"Rating": 1, ' + ONE[1:]), 1),
    "an epoch in milliseconds as text": (Input(lines(native(1, created_at="1740823200000"))), 1),
}


@pytest.mark.parametrize("shape", READ)
def test_reads(run_batch: Callable[..., Batch], shape: str) -> None:
    file, count = READ[shape]
    batch = run_batch(file)
    assert batch.figures() == {"recordsRead": count, "published": count, "duplicates": 0, "rejected": {}}
    assert {row["rating"] for row in batch.reviews} == {4.0}


REJECTED: dict[str, tuple[str, str, str]] = {
    "JSON in a text": (json.dumps(ONE), "NOT_AN_OBJECT", "the record is a text of"),
    "a header and rows": ('["review_id", "rating"]', "NOT_AN_OBJECT", "the record is an array"),
    "a comment": (f"// export\n{ONE}", "MALFORMED_JSON", "from character 1 of 9 on"),
    "JSONP": (f"callback([{ONE}]);", "MALFORMED_JSON", "from character 1 of"),
    "a comma before the end of an object": (ONE[:-1] + ",}", "MALFORMED_JSON", f"of {len(ONE) + 1} on"),
    "a key twice": ('{"review_id": "R9", ' + ONE[1:], "MALFORMED_JSON", "stands twice"),
    "a broken Python dict": ("{'review_id': R1}", "MALFORMED_JSON", "looked for a Python dict"),
    "five out of five": (
        lines(native(1, rating="5 out of 5")),
        "RATING_INVALID",
        "(a text of 10 characters)",
    ),
    "a decimal comma": (lines(native(1, rating="4,5")), "RATING_INVALID", "from 1 to 5"),
    "a scale of a hundred": (lines(native(1, rating=80)), "RATING_INVALID", "(a number)"),
    "a day that does not exist": (
        lines(native(1, created_at="2025-02-30")),
        "TIMESTAMP_INVALID",
        "written as",
    ),
    "another producer's record": (
        lines({"reviewerID": "A1", "asin": "B1"}),
        "MISSING_ID",
        "keys are reviewerID, asin",
    ),
}


@pytest.mark.parametrize("shape", REJECTED)
def test_rejects_with_what_was_seen(run_batch: Callable[..., Batch], shape: str) -> None:
    text, reason, seen = REJECTED[shape]
    batch = run_batch(Input(text.rstrip("\n") + "\n"))
    first: dict[str, Any] = batch.first_rejected()[reason]
    assert first["record"] == 1
    assert seen in first["detail"]
    assert "R1" not in first["detail"]
