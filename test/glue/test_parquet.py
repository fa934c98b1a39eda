"""Rows of Parquet become records with their types; what cannot be read is one record that says why."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Batch, Input
from flat_reviews import SOURCE, contract, reviews
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.kernel.parsing import parse
from reviews.splitter import task
from reviews.splitter.pieces import Begin, Piece

WHEN = datetime(2025, 3, 1, 10, 0, 0, 123456)


def written(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def found_in(content: bytes) -> list[Any]:
    """Records as the kernel's parser gives them, and the pieces that are none."""
    request = task.Request(0, "", "none", "utf-8", "parquet", "json", None, format="parquet")
    found: list[Any] = []
    for pieces in task.split(request, [content]):
        assert not isinstance(pieces, Begin)
        found += [pieces] if isinstance(pieces, Piece) else parse(pieces)
    return found


TYPES: dict[str, tuple[pa.DataType, Any, Any]] = {
    "a whole number": (pa.int64(), 2**62, 2**62),
    "one without sign": (pa.uint64(), 2**64 - 1, 2**64 - 1),
    "a decimal": (
        pa.decimal128(38, 9),
        Decimal("12345678901234567890.123456789"),
        "12345678901234567890.123456789",
    ),
    "a number of 32 bits": (pa.float32(), 4.1, "4.1"),
    "a number of 64 bits": (pa.float64(), 0.1, "0.1"),
    "no number": (pa.float64(), math.nan, None),
    "true": (pa.bool_(), True, True),
    "a time in UTC": (pa.timestamp("us", "UTC"), WHEN, "2025-03-01 10:00:00.123456Z"),
    "a time of another zone": (pa.timestamp("ms", "Asia/Tokyo"), WHEN, "2025-03-01 10:00:00.123Z"),
    "a time of no zone": (pa.timestamp("us"), WHEN, "2025-03-01 10:00:00.123456"),
    "a time in nanoseconds": (pa.timestamp("ns"), 1740823200123456789, "2025-03-01 10:00:00.123456789"),
    "a date": (pa.date32(), date(2025, 3, 1), "2025-03-01"),
    "a time of day": (pa.time32("ms"), time(10, 0, 1), "10:00:01.000"),
    "a duration": (pa.duration("ms"), timedelta(seconds=2), 2000),
    "bytes": (pa.binary(), b"\xff\x00", "/wA="),
    "a category": (pa.dictionary(pa.int8(), pa.string()), "x", "x"),
    "a list": (pa.list_(pa.date32()), [date(2025, 3, 1), None], ["2025-03-01", None]),
    "an object": (
        pa.struct([("at", pa.timestamp("s", "UTC")), ("score", pa.float32())]),
        {"at": datetime(2025, 3, 1), "score": 4.1},
        {"at": "2025-03-01 00:00:00.000Z", "score": "4.1"},
    ),
    "a map": (pa.map_(pa.string(), pa.float32()), [("a", 4.1)], {"a": "4.1"}),
    "a map by numbers": (pa.map_(pa.int32(), pa.int32()), [(1, 2)], {"1": 2}),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_value_keeps_its_type_and_all_its_digits(name: str) -> None:
    kind, value, expected = TYPES[name]
    table = pa.table({"n": pa.array([1, 2]), "v": pa.array([value, None], kind)})
    assert found_in(written(table)) == [{"n": 1, "v": expected}, {"n": 2}]


def test_a_column_without_a_value_is_absent() -> None:
    assert found_in(written(pa.table({"n": [1], "v": pa.array([None], pa.string())}))) == [{"n": 1}]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=300))
@settings(deadline=None, max_examples=30)
def test_any_texts_read_back_equal(texts: list[str]) -> None:
    found = found_in(written(pa.table({"t": pa.array(texts, pa.string())}), row_group_size=100))
    assert found == [{"t": text} for text in texts]


def test_a_row_with_a_text_that_is_none_costs_itself_only() -> None:
    bad = pa.array([b"a", b"\xff", b"c"]).cast(pa.binary())
    texts = pa.StringArray.from_buffers(3, bad.buffers()[1], bad.buffers()[2])
    found = found_in(written(pa.table({"n": [1, 2, 3], "t": texts})))
    assert [found[0], found[2]] == [{"n": 1, "t": "a"}, {"n": 3, "t": "c"}]
    assert (found[1].problem, found[1].data) == ("ENCODING", b'{"n":2}')


def test_a_row_with_a_map_that_has_a_key_twice_costs_itself_only() -> None:
    maps = pa.array([[("a", 1)], [("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int32()))
    good, bad = found_in(written(pa.table({"n": [1, 2], "m": maps})))
    assert good == {"n": 1, "m": {"a": 1}}
    assert (bad.problem, bad.detail) == (
        "MALFORMED_RECORD",
        'a key stands twice in a map of the column "m"',
    )


def test_two_columns_of_one_name_are_refused_before_one_hides_the_other() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    [refused] = found_in(written(table))
    assert refused.detail == "looked for rows of Parquet; two of its columns have one name; rename one"


WHOLE = written(
    pa.Table.from_pylist([{"no": one["no"], "msg": f"{one}" * 9} for one in reviews(500)]),
    row_group_size=100,
    compression="none",
    use_dictionary=False,
)


@pytest.mark.parametrize("size", [4, 100, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_cut_file_is_one_truncated_record(size: int) -> None:
    [cut] = found_in(WHOLE[:size])
    assert cut.problem == "TRUNCATED"
    assert "the index at the end" in cut.detail


def test_a_damaged_file_is_read_up_to_the_damage_and_says_from_where_it_is_not() -> None:
    damaged = bytearray(WHOLE)
    middle = len(damaged) // 2
    damaged[middle - 2000 : middle + 80_000] = bytes(82_000)
    found = found_in(bytes(damaged))
    rows, [refused] = found[:-1], found[-1:]
    assert 0 < len(rows) < 500
    assert all(isinstance(row, dict) for row in rows)
    assert refused.problem == "MALFORMED_RECORD"
    assert f"from row {len(rows) + 1} on it cannot be read" in refused.detail


def test_a_bomb_is_given_up_with_the_rows_before_it_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from reviews.splitter import unpacking

    monkeypatch.setattr(unpacking, "_SUSPICIOUS_BYTES", 1 << 20)
    bomb = written(pa.table({"t": pa.array(["x" * 10_000] * 5000)}), compression="zstd")
    found = found_in(bomb)
    assert 100 < len(found) < 5000
    assert found[-1].problem == "MALFORMED_RECORD"
    assert "unpacks to far more than any text does" in found[-1].detail


def test_rows_and_refusals_add_up_in_the_outcome(
    run_batch: Callable[..., Batch], add_contract: Callable[[dict[str, Any]], None]
) -> None:
    add_contract(contract("parquet"))
    rows = [
        {"no": "1", "item": "P", "stars": 4, "on": date(2025, 3, 1)},
        {"no": "2", "item": "P", "stars": 9},
    ]
    whole = written(pa.Table.from_pylist(rows))
    batch = run_batch(
        Input(whole, source=SOURCE, layout="parquet"), Input(whole[:-9], source=SOURCE, layout="parquet")
    )
    assert batch.figures(0) == {
        "recordsRead": 2,
        "published": 1,
        "duplicates": 0,
        "rejected": {"RATING_INVALID": 1},
    }
    assert batch.figures(1)["rejected"] == {"TRUNCATED": 1}
