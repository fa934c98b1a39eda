"""Rows of Avro become records with their types; what cannot be read costs its block, and says so."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import math
import re
import zlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from formats_written import avro, found_by
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.splitter import avro_blocks, task, unpacking
from reviews.splitter.pieces import Piece

REQUEST = task.Request(0, "", "none", "utf-8", "avro", "json", None, format="avro")
MARK = b"mark of sixteen."


def found_in(content: bytes, chunk: int = 1 << 16) -> list[Any]:
    return found_by(REQUEST, content, chunk)


def logical(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": name, **more}


def long(number: int) -> bytes:
    """The number as Avro writes it."""
    written = io.BytesIO()
    fastavro.schemaless_writer(written, "long", number)
    return written.getvalue()


def file_of(schema: Any, *blocks: tuple[int, bytes], codec: str = "null") -> bytes:
    """A file of blocks as they are given: number of rows, and bytes."""
    written = io.BytesIO()
    metadata = {"avro.schema": json.dumps(schema).encode(), "avro.codec": codec.encode()}
    fastavro.schemaless_writer(written, {"type": "map", "values": "bytes"}, metadata)
    body = b"".join(long(rows) + long(len(data)) + data + MARK for rows, data in blocks)
    return b"Obj\x01" + written.getvalue() + MARK + body


def record(**fields: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": "r",
        "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
    }


WHEN = datetime(2025, 3, 1, 10, 0, 0, 123456, UTC)
TYPES: dict[str, tuple[Any, Any, Any]] = {
    "a whole number": ("long", 2**62, 2**62),
    "a number of 32 bits": ("float", 4.1, 4.1),
    "a number of 64 bits": ("double", 0.1, 0.1),
    "no number": ("double", math.nan, None),
    "true": ("boolean", True, True),
    "a text": ("string", "ä€𝄞", "ä€𝄞"),
    "a time in UTC": (logical("long", "timestamp-micros"), WHEN, "2025-03-01T10:00:00.123456Z"),
    "a time in milliseconds": (logical("long", "timestamp-millis"), WHEN, "2025-03-01T10:00:00.123Z"),
    "a time in nanoseconds": (
        logical("long", "timestamp-nanos"),
        1740823200123456789,
        "2025-03-01T10:00:00.123456789Z",
    ),
    "a time before 1970": (logical("long", "timestamp-millis"), -1, "1969-12-31T23:59:59.999Z"),
    "a time of no zone": (
        logical("long", "local-timestamp-micros"),
        WHEN.replace(tzinfo=None),
        "2025-03-01T10:00:00.123456",
    ),
    "a time that no calendar has": (logical("long", "timestamp-millis"), 2**62, 2**62),
    "a date": (logical("int", "date"), date(2025, 3, 1), "2025-03-01"),
    "a time of day": (logical("int", "time-millis"), time(10, 0, 1), "10:00:01.000"),
    "a decimal of bytes": (
        logical("bytes", "decimal", precision=38, scale=9),
        Decimal("-12345678901234567890.123456789"),
        Decimal("-12345678901234567890.123456789"),
    ),
    "a decimal of fixed length": (
        {"type": "fixed", "name": "money", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 2},
        Decimal("9.90"),
        Decimal("9.90"),
    ),
    "an id": (logical("string", "uuid"), "not an id", "not an id"),
    "an unknown meaning": (logical("int", "weather"), 7, 7),
    "bytes": ("bytes", b"\xff\x00", "/wA="),
    "a category": ({"type": "enum", "name": "kind", "symbols": ["x", "y"]}, "y", "y"),
    "a list": (
        {"type": "array", "items": ["null", logical("int", "date")]},
        [date(2025, 3, 1), None],
        ["2025-03-01", None],
    ),
    "an object": (
        record(at=logical("int", "date"), money=logical("bytes", "decimal", precision=4, scale=2)),
        {"at": date(2025, 3, 1), "money": Decimal("1.50")},
        {"at": "2025-03-01", "money": Decimal("1.50")},
    ),
    "a map": (
        {"type": "map", "values": logical("int", "date")},
        {"a": date(2025, 3, 1)},
        {"a": "2025-03-01"},
    ),
    "one of several": (
        ["int", "string", logical("bytes", "decimal", precision=4, scale=2)],
        Decimal("1.50"),
        1.5,
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_value_keeps_its_type_and_all_its_digits(name: str) -> None:
    kind, value, expected = TYPES[name]
    union = [*kind, "null"] if isinstance(kind, list) else ["null", kind]
    schema = fastavro.parse_schema(
        {"type": "record", "name": "row", "fields": [{"name": "v", "type": union}]}
    )
    written = io.BytesIO()
    fastavro.writer(written, schema, [{"v": value}, {"v": None}])
    [pieces, *_] = task.split(REQUEST, [written.getvalue()])
    assert isinstance(pieces, list)
    first, second = (json.loads(one, parse_float=Decimal) for one in pieces)
    found = first.get("v")
    assert (float(found) if isinstance(expected, float) else found) == expected
    assert second == {}


@given(
    rows=st.lists(
        st.fixed_dictionaries({"t": st.text(), "n": st.integers(-(2**63), 2**63 - 1)}), max_size=60
    ),
    codec=st.sampled_from(sorted(avro_blocks.CODECS)),
    block=st.integers(1, 400),
    chunk=st.integers(1, 50),
)
@settings(deadline=None, max_examples=60)
def test_any_rows_read_back_equal_however_they_are_packed_and_cut_into_chunks(
    rows: list[dict[str, Any]], codec: str, block: int, chunk: int
) -> None:
    content = _packed(rows, codec, block)
    assert found_in(content, chunk) == rows


def _packed(rows: list[dict[str, Any]], codec: str, block: int) -> bytes:
    """The rows in blocks of so many, packed by other code than the one that unpacks them."""
    schema = record(t="string", n="long")
    pack = {
        "null": bytes,
        "deflate": lambda data: zlib.compress(data)[2:-4],
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "zstandard": lambda data: pa.compress(data, "zstd", asbytes=True),
        "snappy": lambda data: (
            pa.compress(data, "snappy", asbytes=True) + zlib.crc32(data).to_bytes(4, "big")
        ),
    }[codec]
    blocks = []
    for start in range(0, len(rows), block):
        written = io.BytesIO()
        for row in rows[start : start + block]:
            fastavro.schemaless_writer(written, schema, row)
        blocks.append((len(rows[start : start + block]), pack(written.getvalue())))
    return file_of(schema, *blocks, codec=codec)


ROWS = [{"t": f"text {number}", "n": number} for number in range(500)]
WHOLE = _packed(ROWS, "null", 100)


@pytest.mark.parametrize("size", [0, 3, 40, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_cut_file_gives_its_whole_blocks_and_one_truncated_record(size: int) -> None:
    *rows, cut = found_in(WHOLE[:size])
    assert rows == ROWS[: len(rows)]
    assert len(rows) % 100 == 0
    assert cut.problem == "TRUNCATED"


ENDS = [found.end() for found in re.finditer(re.escape(MARK), WHOLE)]
"""Of the header and of each of the five blocks."""


@given(st.integers(ENDS[0], len(WHOLE) - 1), st.binary(min_size=1, max_size=40))
@settings(deadline=None, max_examples=150)
def test_damage_costs_the_blocks_that_it_touches_and_at_most_the_next(at: int, damage: bytes) -> None:
    damaged = (WHOLE[:at] + damage + WHOLE[at + len(damage) :])[: len(WHOLE)]
    read = [one for one in found_in(damaged) if not isinstance(one, Piece)]
    for number, (start, end) in enumerate(pairwise(ENDS)):
        before = ENDS[max(0, number - 1)]
        if at + len(damage) <= before or at >= end:
            assert all(row in read for row in ROWS[number * 100 : number * 100 + 100]), (number, start)


def test_the_blocks_after_a_damaged_one_are_read() -> None:
    second = WHOLE.index(MARK, WHOLE.index(MARK) + 16)
    damaged = WHOLE[: second - 50] + b"\xff" * 66 + WHOLE[second + 16 :]
    rows = [one for one in found_in(damaged) if not isinstance(one, Piece)]
    [refused] = [one for one in found_in(damaged) if isinstance(one, Piece)]
    assert rows == ROWS[200:]
    assert refused.detail == (
        "looked for rows of Avro; the block after row 0 cannot be read, and its rows are lost; put it again"
    )


def test_a_row_that_is_none_costs_itself_and_those_after_it_in_its_block() -> None:
    good, bad = b"\x04ab", b"\x13"
    rows, refused = found_in(file_of(record(t="string"), (3, good + bad + good)))
    assert rows == {"t": "ab"}
    assert refused.detail.endswith(
        "row 2 and those after it in its block cannot be read, 2 in all; put it again"
    )


def test_a_text_that_is_none_costs_its_row_only() -> None:
    first, bad, third = found_in(
        file_of(record(t="string", n="int"), (3, b"\x02a\x02" + b"\x02\xff\x04" + b"\x02c\x06"))
    )
    assert [first, third] == [{"t": "a", "n": 1}, {"t": "c", "n": 3}]
    assert (bad.problem, bad.data) == ("ENCODING", b'{"t": "\xff", "n": 2}')


REFUSED = {
    "rows that are no records": ("string", "its rows are not records"),
    "rows without columns": (record(), "its rows have no columns"),
    "a type that holds itself": (record(again=["null", "r"]), 'the type of "again" holds itself'),
    "items of no bytes": (
        record(many={"type": "array", "items": "null"}),
        'the items of "many" have no content',
    ),
    "two kinds of records": (
        record(one=["null", "float", logical("bytes", "decimal", precision=4), "bytes"]),
        '"one" has two types whose values look alike',
    ),
    "an unknown type": (record(one="text"), '"one" has a type that is none of Avro\'s'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_that_no_rows_are_read_by_is_refused_before_any_is(name: str) -> None:
    schema, why = REFUSED[name]
    [refused] = found_in(file_of(schema, (2**60, b"")))
    assert refused.detail == f"looked for rows of Avro; {why}; write it by another schema"


def test_an_unknown_packing_is_named() -> None:
    [refused] = found_in(file_of(record(t="string"), codec="lzo"))
    assert "it is packed by lzo, not by null, deflate" in refused.detail


def test_a_bomb_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_SUSPICIOUS_BYTES", 1 << 20)
    rows = [{"t": "x" * 1000}] * 5000
    *read, refused = found_in(avro({"t": "string"}, rows, codec="bzip2", sync_interval=500_000))
    assert 0 < len(read) < 5000
    assert "unpacks to far more than any text does" in refused.detail


def test_a_block_that_unpacks_to_more_than_any_writer_writes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for codec in ("deflate", "bzip2", "xz", "zstandard", "snappy"):
        content = _packed([{"t": "x" * 5000, "n": 1}], codec, 1)
        with monkeypatch.context() as patch:
            patch.setattr(avro_blocks, "MAX_BLOCK_BYTES", 4000)
            [refused] = found_in(content)
        assert "the block after row 0 cannot be read" in refused.detail
