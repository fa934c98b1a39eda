"""A large document is the same record, whether it is unpacked as a whole or part by part."""

from __future__ import annotations

import json
from typing import Any

import bson
import pytest
from bson import DatetimeMS, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from connector import mongodb_packed
from connector.json_text import JsonText, encoded
from connector.mongodb_packed import Unpacking
from connector.mongodb_values import as_json
from documents import at
from hypothesis import given
from hypothesis import strategies as st

OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
TEXTS = st.text('ab.,"é👍\n', max_size=5)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.builds(Int64, st.integers(-(2**63), 2**63 - 1)),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(max_size=40),
    st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(
        [ObjectId("0" * 24), Decimal128("1.10"), Timestamp(1, 2), Regex("^a", "i"), DatetimeMS(2**62)]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(TEXTS, inner, max_size=8),
    max_leaves=60,
)


@given(document=st.dictionaries(TEXTS, VALUES, max_size=6), group=st.integers(0, 200))
def test_a_document_of_any_parts_is_one_record(document: dict[str, Any], group: int) -> None:
    packed = bson.encode(document, codec_options=OPTIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mongodb_packed, "LARGE", 0)
        patch.setattr(mongodb_packed, "GROUP", group)
        record = Unpacking(OPTIONS, ()).record(RawBSONDocument(packed))
    [line] = b"".join(encoded(record)).splitlines()
    assert json.loads(line) == json.loads(json.dumps(as_json(bson.decode(packed, OPTIONS))))


def test_a_large_part_is_never_unpacked_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    decode = bson.decode

    def counting(packed: bytes, options: Any) -> dict[str, Any]:
        sizes.append(len(packed))
        return decode(packed, options)

    packed = bson.encode({"_id": 1, "parts": [{"a": {"b": [number]}} for number in range(100_000)]})
    monkeypatch.setattr(bson, "decode", counting)
    record = Unpacking(OPTIONS, ()).record(RawBSONDocument(packed))
    assert record["_id"] == 1
    assert isinstance(record["parts"], JsonText)
    assert len(json.loads("".join(record["parts"].pieces))) == 100_000
    assert max(sizes) < 66_000 < len(packed)


def test_the_way_to_the_cursor_stays_open_in_a_large_document() -> None:
    parts = ["x"] * 200_000
    document = {"meta": {"parts": parts, "changed": at(7)}, "parts": {"a": parts}}
    packed = RawBSONDocument(bson.encode(document))
    unpacking = Unpacking(OPTIONS, ("meta", "changed"))
    record = unpacking.record(packed)
    assert record["meta"]["changed"] == at(7).isoformat()
    assert unpacking.value(packed, "meta.changed") == at(7)
    assert json.loads(b"".join(encoded(record))) == json.loads(json.dumps(as_json(document)))
    assert b"".join(encoded(record, sort_keys=True)).startswith(b'{"meta":{"changed":"')


def test_the_names_within_an_array_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongodb_packed, "LARGE", 0)
    monkeypatch.setattr(mongodb_packed, "GROUP", 20)  # two of the three elements
    packed = (
        bson.encode({"parts": ["p", "q", "r"]})
        .replace(b"\x021\0", b"\x020\0")
        .replace(b"\x022\0", b"\x020\0")
    )
    record = Unpacking(OPTIONS, ()).record(RawBSONDocument(packed))
    assert json.loads(b"".join(encoded(record))) == {"parts": ["p", "q", "r"]}
