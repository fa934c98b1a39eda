"""Why a record is rejected, in words: names and kinds of values, never a value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch, Input, lines, native
from hypothesis import assume, given
from hypothesis import strategies as st
from reviews import contracts
from reviews.kernel import details

PRIVATE = "Anna.Smith@example.com"
SOURCES = sorted(path.stem for path in (Path(__file__).parents[2] / "contracts" / "sources").glob("*.json"))
REASONS = ("MISSING_ID", "MISSING_PRODUCT", "RATING_INVALID", "TIMESTAMP_INVALID", "TIMESTAMP_FUTURE")

private = st.sampled_from(
    [PRIVATE, 15551234567, [PRIVATE], {"mail": PRIVATE}, {PRIVATE: PRIVATE}, {PRIVATE: 1}]
)
names = st.sampled_from(
    ["id", "review_id", "rating", "created_at", "product", "time", PRIVATE, "15551234567"]
)


@given(st.sampled_from(SOURCES), st.sampled_from(REASONS), st.dictionaries(names, private))
def test_never_quotes_a_value(name: str, reason: str, record: dict[str, Any]) -> None:
    source = contracts.load(name)
    # Customers and cases have neither.
    assume(source.records == "reviews" or reason not in ("MISSING_PRODUCT", "RATING_INVALID"))
    found = details.detail(source, reason, record, None)
    assert PRIVATE not in found
    assert "5551234567" not in found
    assert 0 < len(found) <= 500


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        (
            {"review_id": None},
            "MISSING_ID",
            'looked for review_id in "review_id" (missing); the record\'s keys are',
        ),
        ({"product": {}}, "MISSING_PRODUCT", 'looked for product_id in "product.product_id" (missing)'),
        ({"rating": 7}, "RATING_INVALID", 'looked for a rating from 1 to 5 in "rating" (a number)'),
        ({"created_at": "soon"}, "TIMESTAMP_INVALID", 'in "created_at" (a text of 4 characters)'),
        ({"created_at": "2031-01-01"}, "TIMESTAMP_FUTURE", "more than one day after"),
        ({"product": ["P1"]}, "SCHEMA_MISMATCH", '"product" is an array, not an object'),
    ],
)
def test_says_what_was_looked_for_and_seen(
    run_batch: Callable[..., Batch], changes: dict[str, Any], reason: str, said: str
) -> None:
    batch = run_batch(Input(lines(native(1), native(2, **changes))))
    [row] = batch.rejected
    assert said in dict(zip(row["reasons"], row["details"], strict=True))[reason]


def test_counts_keys_that_may_be_data() -> None:
    record = {PRIVATE: 1, "4917012345": 2, "name": 3}
    assert details.keys(record) == "the record's keys are name and 2 more"
    assert details.keys({PRIVATE: 1}) == "the record has 1 keys, none of which looks like a field's name"


def test_the_outcome_names_the_first_record_of_each_reason(run_batch: Callable[..., Batch]) -> None:
    records = [native(1), native(2, rating=7), native(3, rating=8), "nonsense"]
    batch = run_batch(Input(lines(*records)), Input(json.dumps([native(4, review_id=None)]), layout="array"))
    found = batch.first_rejected(0)
    assert {reason: first["record"] for reason, first in found.items()} == {
        "RATING_INVALID": 2,
        "MALFORMED_JSON": 4,
    }
    assert "from character 1 of 8" in found["MALFORMED_JSON"]["detail"]
    assert batch.first_rejected(1)["MISSING_ID"]["detail"].startswith("looked for review_id")
