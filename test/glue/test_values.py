"""Values that do not say what they seem to: docs/values.md, row by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import Batch, Input, lines, native
from reviews.kernel import scalars


def time(text: str, form: str = "iso") -> datetime | None:
    found = scalars.timestamp(text, form)
    return None if found is None else datetime.fromtimestamp(found / 1e6, UTC)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1,341", 1341), ("+7", 7), ("3.0", 3), ("3.00", 3), ("1,234,567", 1234567), ("-5", -5), ("0", 0),
        ("1,2", None), ("1.341", None), ("1.000", None), ("12,34,567", None), ("12 people", None),
        ("12.7", None), (",5", None), ("5,", None), ("1,3411", None),
    ],
)  # fmt: skip
def test_a_count_is_a_whole_number_with_commas_between_thousands(text: str, count: int | None) -> None:
    assert scalars.whole(text, 64) == count


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1,019.90", "1019.90"), ("19.990000001", "19.99"), ("1.995", "2.00"), ("4,5", None), ("1,2", None)],
)
def test_a_price_has_no_decimal_comma(text: str, amount: str | None) -> None:
    assert scalars.money(text) == amount


@pytest.mark.parametrize("rating", ["0.9999999999", "5.0000000001", "0.99999999999999"])
def test_no_rating_is_rounded_into_the_scale(run_batch: Callable[..., Batch], rating: str) -> None:
    record = json.dumps(native(1)).replace('"rating": 4', f'"rating": {rating}')
    assert run_batch(Input(lines(record))).figures()["rejected"] == {"RATING_INVALID": 1}


@pytest.mark.parametrize("text", ["2021-06", "2021", "2021-06-05T10:00:00 IST", "2021-06-05T10:00:00 BST"])
def test_what_names_no_day_or_several_zones_is_no_time(text: str) -> None:
    assert time(text) is None


@pytest.mark.parametrize(
    ("zone", "hour"), [("PST", 18), ("PDT", 17), ("EST", 15), ("GMT", 10), ("America/Los_Angeles", 17)]
)
def test_letters_name_one_offset_in_summer_and_winter(zone: str, hour: int) -> None:
    assert time(f"2025-06-01T10:00:00 {zone}") == datetime(2025, 6, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "1569886091", "1569886091000", "1569886091000000", "1569886091000000000", "1569886091.0",
        "1.569886091E9", "1.569886091E12", "1569886091000.0",
    ],
)  # fmt: skip
def test_an_epoch_is_the_same_moment_in_every_unit(text: str) -> None:
    assert time(text, "epoch") == datetime(2019, 9, 30, 23, 28, 11, tzinfo=UTC)


def test_the_fast_path_reads_epochs_alike(run_batch: Callable[..., Batch]) -> None:
    found = [1569886091, 1569886091000, 1569886091000000, 1569886091000000000, "1569886091.0"]
    batch = run_batch(Input(lines(*(native(n, created_at=value) for n, value in enumerate(found)))))
    assert {row["created_at"] for row in batch.reviews} == {datetime(2019, 9, 30, 23, 28, 11, tzinfo=UTC)}
    assert len(batch.reviews) == len(found)


def with_literal(record: dict[str, Any], placeholder: str, literal: str) -> str:
    return json.dumps(record).replace(f'"{placeholder}"', literal)


def test_an_id_that_has_lost_digits_names_nobody_and_nothing(run_batch: Callable[..., Batch]) -> None:
    product = with_literal(native(1, product={"product_id": "@"}), "@", "1.129995314709491E20")
    reviewer = with_literal(native(2, reviewer={"reviewer_id": "@"}), "@", "1.129995314709491E20")
    whole = with_literal(native(3, reviewer={"reviewer_id": "@"}), "@", "112999531470949148741")
    float_id = with_literal(native(4, reviewer={"reviewer_id": "@"}), "@", "12345.0")
    batch = run_batch(Input(lines(product, reviewer, whole, float_id)))
    assert batch.figures()["rejected"] == {"SCHEMA_MISMATCH": 1}
    found = {row["review_id"]: row for row in batch.reviews}
    assert {name: row["reviewer_id"] for name, row in found.items()} == {
        "R2": None,
        "R3": "112999531470949148741",
        "R4": "12345",
    }
    assert "1.129995314709491E20" in found["R2"]["attributes"]


def test_an_id_of_digits_gets_its_leading_zeros_back(run_batch: Callable[..., Batch]) -> None:
    record = {"reviewerID": "A1", "overall": 5, "unixReviewTime": 1252800000, "helpful": [0, 0]}
    number, text = {**record, "asin": 13700}, {**record, "asin": "0000013700"}
    batch = run_batch(Input(lines(number, text), source="amazon-2014"))
    [row] = batch.reviews
    assert (row["product_id"], batch.figures()["duplicates"]) == ("0000013700", 1)


def test_python_dicts_are_read_under_any_contract(run_batch: Callable[..., Batch]) -> None:
    record = native(1, title="it's", recommended=None) | {"language": None}
    batch = run_batch(Input(lines(repr(record), repr(native(2)))))
    assert [row["title"] for row in batch.reviews] == ["it's", None]
