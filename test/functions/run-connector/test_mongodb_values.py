"""Values of MongoDB as JSON has them: by themselves, and as the server of this machine keeps them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from connector.mongodb_values import as_json, as_kept, from_kept, types_after
from documents import Documents
from hypothesis import given
from hypothesis import strategies as st

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

# A value, and what a record has of it.
KEPT_HERE: list[tuple[Any, Any]] = [
    (ObjectId("0123456789abcdef01234567"), "0123456789abcdef01234567"),
    (MOMENT, "2026-01-02T03:04:05.678000+00:00"),
    (Int64(2**62), 2**62),
    (0.1, 0.1),
    (True, True),
    (None, None),
    ("👍🏽", "👍🏽"),
    (b"\x00\xff", "AP8="),
    (Binary(b"\x00\xff", 128), "AP8="),
    (UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    (Timestamp(1, 2), {"$timestamp": {"t": 1, "i": 2}}),
    (Regex("^a", "i"), {"$regularExpression": {"pattern": "^a", "options": "i"}}),
    ({"a": [1, None, {"id": ObjectId("0" * 24)}]}, {"a": [1, None, {"id": "0" * 24}]}),
]
OTHERS: list[tuple[Any, Any]] = [
    (Decimal128("1.10"), "1.10"),
    (Decimal128("1E+3"), "1E+3"),
    (Decimal128("NaN"), "NaN"),
    (float("nan"), "nan"),
    (float("-inf"), "-inf"),
    (DatetimeMS(253_402_300_800_000), {"$date": {"$numberLong": "253402300800000"}}),
    (Code("f()"), {"$code": "f()"}),
    (DBRef("shops", ObjectId("0" * 24)), {"$ref": "shops", "$id": {"$oid": "0" * 24}}),
    (MinKey(), {"$minKey": 1}),
    (MaxKey(), {"$maxKey": 1}),
]


@pytest.mark.parametrize(("value", "expected"), [*KEPT_HERE, *OTHERS], ids=repr)
def test_a_value_becomes_json_and_loses_nothing(value: Any, expected: Any) -> None:
    found = as_json(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.sources
def test_values_of_every_kind_that_the_server_keeps_are_read_whole(documents: Documents) -> None:
    made = {f"v{number}": value for number, (value, _) in enumerate(KEPT_HERE)}
    documents.reviews.insert_one({"_id": ObjectId("1" * 24), "updated_at": MOMENT, **made})
    [record] = documents.read(documents.contract())
    assert record == {
        "_id": "1" * 24,
        "updated_at": "2026-01-02T03:04:05.678000+00:00",
        **{f"v{number}": expected for number, (_, expected) in enumerate(KEPT_HERE)},
    }


IDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.floats(allow_nan=False),
    st.text(),
    st.binary().map(lambda value: Binary(value, 128)),
    st.binary(min_size=12, max_size=12).map(ObjectId),
    st.uuids(),
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**15), max_value=10**15).map(
        Decimal128
    ),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
        lambda value: value.replace(microsecond=value.microsecond // 1_000 * 1_000, tzinfo=UTC)
    ),
    st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
)


@given(IDS, IDS)
def test_a_place_is_kept_as_the_very_same_values(cursor: Any, identity: Any) -> None:
    """The state that keeps it is JSON."""
    kept = json.loads(json.dumps(as_kept([cursor, identity])))
    found = from_kept(kept)
    assert found == [cursor, identity]
    assert as_kept(found) == kept


@pytest.mark.parametrize(
    ("value", "following"),
    [
        (None, "number"),
        (True, "date"),
        (1, "string"),
        (Decimal128("1"), "string"),
        ("a", "object"),
        ({"a": 1}, "binData"),
        (Binary(b"a"), "objectId"),
        (UUID(int=1), "objectId"),
        (ObjectId(), "bool"),
        (MOMENT, "timestamp"),
        (Timestamp(1, 1), None),
    ],
)
def test_the_types_after_a_value_are_those_of_mongodbs_order(value: Any, following: str | None) -> None:
    assert next(iter(types_after(value)), None) == following
