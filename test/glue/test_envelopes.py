"""What stands around records makes no difference: the same rows come out as of the bare records."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from conftest import Batch, Input, lines, native
from hypothesis import given
from hypothesis import strategies as st
from reviews import contracts
from reviews.envelopes import contract, notations
from reviews.envelopes.opening import Opener
from reviews.kernel import parsing
from reviews.kernel.parsing import Unreadable
from reviews.manifest import SourceFile
from reviews.splitter import task
from reviews.splitter.pieces import Piece
from source_fixtures import JSON_NAMES, fixture, rows_of_file

Record = dict[str, Any]


def record_of(name: str) -> Record:
    found: Record = fixture(name)["record"]
    return found


def _dynamodb(value: Any) -> Any:
    if isinstance(value, dict):
        return {"M": {key: _dynamodb(inner) for key, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [_dynamodb(inner) for inner in value]}
    if value is None:
        return {"NULL": True}
    kind = "BOOL" if isinstance(value, bool) else "N" if isinstance(value, (int, float)) else "S"
    return {kind: value if kind != "N" else json.dumps(value)}


def _item(record: Record) -> Record:
    return {key: _dynamodb(value) for key, value in record.items()}


def _extended(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _extended(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_extended(inner) for inner in value]
    if isinstance(value, float):
        return {"$numberDouble": json.dumps(value)}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"$numberInt" if abs(value) < 2**31 else "$numberLong": str(value)}
    return value


def _debezium(record: Record) -> Record:
    return {"before": None, "after": record, "source": {"db": "shop"}, "op": "c", "ts_ms": 1}


# Envelope (the name is that of contracts/envelopes.json, as far as it is there) → how it is put around.
AROUND: dict[str, Callable[[Record], Any]] = {
    "kafka-connect": lambda r: {"schema": {"type": "struct"}, "payload": r},
    "debezium": _debezium,
    "debezium-flattened": lambda r: {**r, "__deleted": "false", "__op": "c"},
    "airbyte": lambda r: {"_airbyte_ab_id": "1", "_airbyte_emitted_at": 1, "_airbyte_data": r},
    "airbyte-flattened": lambda r: {"_airbyte_raw_id": "1", "_airbyte_extracted_at": 1, **r},
    "airbyte-change-capture": lambda r: {**r, "_ab_cdc_deleted_at": None, "_ab_cdc_lsn": 3},
    "fivetran": lambda r: {**r, "_fivetran_synced": "2025-01-01T00:00:00Z", "_fivetran_deleted": False},
    "dms": lambda r: {"Op": "I", **r},
    "dms-change": lambda r: {"Op": "U", "dms_change": "7", **r},
    "dms-copy": lambda r: {"Op": "I", "dms_committed_at": "2025-03-03 00:00:00", **r, "dms_change": ""},
    "dms-stream": lambda r: {"data": r, "metadata": {"record-type": "data", "operation": "load"}},
    "dynamodb-export": lambda r: {"Item": _item(r)},
    "dynamodb-incremental-export": lambda r: {"Metadata": {}, "Keys": {}, "NewImage": _item(r)},
    "dynamodb-stream": lambda r: {"eventName": "INSERT", "dynamodb": {"NewImage": _item(r)}},
    "singer": lambda r: {"type": "RECORD", "stream": "reviews", "record": r},
    "stitch": lambda r: {**r, "_sdc_batched_at": "2025-01-01", "_sdc_sequence": 1},
    "dlt": lambda r: {**r, "_dlt_id": "a", "_dlt_load_id": "1"},
    "elasticsearch": lambda r: {"_index": "reviews", "_id": "1", "_score": 1.0, "_source": r},
    "cloudevents": lambda r: {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": r},
    "eventbridge": lambda r: {"detail-type": "t", "source": "s", "detail": r},
    "sns": lambda r: {"Type": "Notification", "MessageId": "1", "TopicArn": "a", "Message": json.dumps(r)},
    "extended JSON": _extended,
    "Debezium in Kafka Connect": lambda r: {"schema": {}, "payload": _debezium(r)},
    "Debezium of MongoDB": lambda r: {"op": "c", "after": json.dumps(_extended(r)), "source": {}},
}


def _columns(records: list[Any]) -> Any:
    keys = dict.fromkeys(key for record in records for key in record)
    return {key: {str(n): r[key] for n, r in enumerate(records) if key in r} for key in keys}


def _split(records: list[Any]) -> Any:
    keys = list(dict.fromkeys(key for record in records for key in record))
    rows = [[record.get(key) for key in keys] for record in records]
    return {"columns": keys, "index": list(range(len(rows))), "data": rows}


def _wrapper(path: list[str], holds: str) -> dict[str, Any]:
    return {"layout": "wrapped", "wrapper": {"path": path, "holds": holds}}


# Form of a file → what is written of the records, and how the manifest says it.
FORMS: dict[str, tuple[Callable[[list[Any]], str], dict[str, Any]]] = {
    "lines": (lambda rs: lines(*rs), {}),
    "lines with commas": (lambda rs: "".join(json.dumps(r) + ",\n" for r in rs), {}),
    "array": (json.dumps, {"layout": "array"}),
    "array, indented": (lambda rs: json.dumps(rs, indent=1), {"layout": "array"}),
    "array of pages": (lambda rs: json.dumps([rs[:1], rs[1:]]), {"layout": "array"}),
    "one after the other": (lambda rs: "".join(map(json.dumps, rs)), {"layout": "concatenated"}),
    "page": (
        lambda rs: json.dumps({"total": 2, "data": {"reviews": rs}}),
        _wrapper(["data", "reviews"], "array"),
    ),
    "array of documents": (
        lambda rs: json.dumps([{"reviews": [r]} for r in rs]),
        _wrapper(["reviews"], "array"),
    ),
    "map": (lambda rs: json.dumps({f"k{n}": r for n, r in enumerate(rs)}), _wrapper([], "map")),
    "orient=columns": (lambda rs: json.dumps(_columns(rs)), _wrapper([], "columns")),
    "orient=split": (lambda rs: json.dumps(_split(rs)), _wrapper([], "split")),
}


def read(name: str, text: str, form: dict[str, Any], *, zipped: bool = False) -> list[Any]:
    """The records as the mapping gets them."""
    data = gzip.compress(text.encode()) if zipped else text.encode()
    one = Input(data, compression="gzip" if zipped else "none", **form)
    wrapper = one.wrapper and contracts.Wrapper((tuple(one.wrapper["path"]),), one.wrapper["holds"])
    file = SourceFile(
        0, "0", "reviews/x", name, "", one.compression, "utf-8", one.layout, False, len(data), wrapper
    )
    source = contracts.load(name)
    if source.syntax == "python-dict":
        source = contracts.load("native")
    found: list[bytes] = []
    for pieces in task.split(task.request(file, source), [data]):
        assert not isinstance(pieces, Piece) or pieces.problem is None, pieces
        found += [pieces.data] if isinstance(pieces, Piece) else pieces
    values = parsing.parse(found)
    Opener().open(found, values)
    return values


def test_every_envelope_is_tried() -> None:
    # What asks for a deletion never holds a record to publish.
    publishing = [e for e in contract.load() if e.name not in ("deletion", "erasure")]
    assert {envelope.name for envelope in publishing} <= set(AROUND)


@pytest.mark.parametrize("name", JSON_NAMES)
@pytest.mark.parametrize("around", AROUND)
def test_every_envelope_in_every_form_gives_the_bare_records(around: str, name: str) -> None:
    bare = [record_of(name), {**record_of(name), "second": [1, 2.50, None, {"a": "b"}]}]
    expected = parsing.parse([json.dumps(record).encode() for record in bare])
    wrapped = [AROUND[around](record) for record in bare]
    for form, (write, settings) in FORMS.items():
        found = read(name, write(wrapped), settings, zipped=form == "lines")
        if form == "orient=split":  # a table has every column in every row
            found = [{key: value for key, value in row.items() if value is not None} for row in found]
            plain = [{key: value for key, value in row.items() if value is not None} for row in expected]
            assert found == plain, form
        else:
            assert found == expected, form


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
}


@pytest.mark.parametrize("around", AROUND)
def test_every_envelope_around_every_contract_publishes_the_rows_of_the_bare_record(
    around: str, run_batch: Callable[..., Batch]
) -> None:
    """One file of each contract; forms and compressions take turns, so that all meet each other."""
    turn = list(AROUND).index(around)
    inputs, written = [], []
    for number, name in enumerate(JSON_NAMES):
        form = list(FORMS)[(turn + number) % len(FORMS)]
        compression = list(COMPRESSIONS)[(turn + number) % len(COMPRESSIONS)]
        write, settings = FORMS[form]
        data = COMPRESSIONS[compression](write([AROUND[around](record_of(name))]).encode())
        file_name = fixture(name).get("name", "reviews.json")
        inputs.append(Input(data, source=name, name=file_name, compression=compression, **settings))
        written.append(f"{name}, {form}, {compression}")
    batch = run_batch(*inputs)
    published = {file: rows_of_file(batch, number) for number, file in enumerate(written)}
    assert published == {
        file: fixture(name)["expected"] for file, name in zip(written, JSON_NAMES, strict=True)
    }


_REGISTERED = "2026-11-21T09:00:00"
_OLD = {"review_id": {"S": "R1"}}
# A deletion as its loader writes it, and when it says that it was.
_DELETIONS: list[tuple[Any, str]] = [
    (
        {"before": {"review_id": "R1"}, "after": None, "op": "d", "ts_ms": 1767225600000},
        "2026-01-01T00:00:00",
    ),
    (
        {"before": native(1), "after": None, "op": "d", "source": {"ts_ms": 1767225600000}, "ts_ms": 1},
        "2026-01-01T00:00:00",
    ),
    ({"schema": {}, "payload": {"before": {"review_id": "R1"}, "after": None, "op": "d"}}, _REGISTERED),
    ({"before": '{"review_id": "R1"}', "after": None, "op": "d"}, _REGISTERED),
    ({**native(1), "__deleted": "true", "__ts_ms": 1767225600000}, "2026-01-01T00:00:00"),
    (
        {**native(1), "_fivetran_synced": "2025-01-01T00:00:00Z", "_fivetran_deleted": True},
        "2025-01-01T00:00:00",
    ),
    (
        {"_airbyte_ab_id": "1", "_airbyte_data": {**native(1), "_ab_cdc_deleted_at": "2025-01-01"}},
        "2025-01-01T00:00:00",
    ),
    ({"Op": "D", **native(1)}, _REGISTERED),
    (
        {"Op": "D", **native(1), "dms_committed_at": "2025-01-01 00:00:00.000007", "dms_change": "8"},
        "2025-01-01T00:00:00",
    ),
    (
        {
            "data": native(1),
            "metadata": {"record-type": "data", "operation": "delete", "timestamp": "2025-01-01T00:00:00Z"},
        },
        "2025-01-01T00:00:00",
    ),
    (
        {"eventName": "REMOVE", "dynamodb": {"Keys": _OLD, "ApproximateCreationDateTime": 1767225600}},
        "2026-01-01T00:00:00",
    ),
    ({"Metadata": {}, "Keys": {"k": {"S": "1"}}, "OldImage": _OLD}, _REGISTERED),
    ({**native(1), "_sdc_batched_at": "2025-01-01", "_sdc_deleted_at": "2025-01-02"}, "2025-01-02T00:00:00"),
    ({"deleted_review": {"review_id": "R1"}, "deleted_at": 1767225600000}, "2026-01-01T00:00:00"),
    ({"erased_review": {"review_id": "R1"}, "erased_at": "2026-11-20T12:00:00Z"}, "2026-11-20T12:00:00"),
    # A time that cannot be is no reason to keep what is deleted, nor to keep it away forever.
    ({"erased_review": {"review_id": "R1"}, "erased_at": "2999-01-01T00:00:00Z"}, _REGISTERED),
    ({"erased_review": {"review_id": "R1"}, "erased_at": "yesterday"}, _REGISTERED),
]
_OF_NO_REVIEW: list[Any] = [
    {"schema": None, "payload": None},
    {"before": None, "after": None, "op": "d", "source": {}},
    {"before": {"id": 7}, "after": None, "op": "d", "source": {}},
    {"eventName": "REMOVE", "dynamodb": {"Keys": {}}},
    {"Metadata": {}, "Keys": {}},
    {"erased_review": {"name": "who knows"}},
]


def test_a_deletion_takes_the_key_of_its_review_and_its_time(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(Input(lines(native(1), *(deletion for deletion, _ in _DELETIONS))))
    [review] = batch.reviews
    assert batch.figures() == {
        "recordsRead": len(_DELETIONS) + 1,
        "published": 1,
        "duplicates": 0,
        "deleted": len(_DELETIONS),
        "rejected": {},
    }
    found = sorted(batch.deleted, key=lambda row: row["record_number"])
    assert {row["review_key"] for row in found} == {review["review_key"]}
    assert [f"{row['deleted_at']:%Y-%m-%dT%H:%M:%S}" for row in found] == [at for _, at in _DELETIONS]
    assert [row["record_number"] for row in found] == list(range(2, len(_DELETIONS) + 2))
    asked = [row["reason"] == "ERASURE" for row in found]
    assert asked == ["erased_review" in deletion for deletion, _ in _DELETIONS]
    assert batch.outcome["tables"]["deleted_reviews"] == len(_DELETIONS)


REVIEW_SOURCES = [
    name
    for name in JSON_NAMES
    if contracts.load(name).products_of is None and contracts.load(name).records == "reviews"
]


@pytest.mark.parametrize("name", REVIEW_SOURCES)
def test_a_deleted_row_of_every_source_is_that_of_its_review(
    run_batch: Callable[..., Batch], name: str
) -> None:
    made = fixture(name)
    both = ({**made["record"]}, {"Op": "D", **made["record"]})
    inputs = [Input(lines(one), source=name, name=made.get("name", "reviews.json")) for one in both]
    batch = run_batch(*inputs)
    assert [row["review_key"] for row in batch.deleted] == [row["review_key"] for row in batch.reviews]
    assert len(batch.deleted) == 1


def test_a_deletion_of_no_review_is_counted_and_kept_as_received(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(Input(lines(native(9), *_OF_NO_REVIEW)))
    assert batch.figures() == {
        "recordsRead": len(_OF_NO_REVIEW) + 1,
        "published": 1,
        "duplicates": 0,
        "rejected": {"DELETED": len(_OF_NO_REVIEW)},
    }
    assert [json.loads(row["record"]) for row in batch.rejected] == _OF_NO_REVIEW
    assert batch.deleted == []


@pytest.mark.parametrize(
    "record",
    [
        {"_airbyte_data": {"a": 1}, "rating": 5},
        {"Op": "X", "a": 1},
        {"payload": {"a": 1}, "schema": {}, "more": 1},
        {"Item": {"a": {"S": "1"}}, "price": 3},
    ],
    ids=lambda record: next(iter(record)),
)
def test_what_is_more_than_an_envelope_stays_as_it_is(record: Record) -> None:
    text = json.dumps(record).encode()
    values = parsing.parse([text])
    Opener().open([text], values)
    assert values == [record]


def test_a_message_that_is_no_json_is_malformed() -> None:
    text = json.dumps(
        {"Type": "Notification", "MessageId": "1", "TopicArn": "a", "Message": "hello"}
    ).encode()
    values = parsing.parse([text])
    Opener().open([text], values)
    assert values == [Unreadable("MALFORMED_JSON")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_typed_values_are_read_as_they_were_before_they_were_typed(record: Record) -> None:
    assert notations.from_dynamodb(_item(record)) == record


def test_extended_json_is_read_in_both_versions() -> None:
    times = [{"$date": {"$numberLong": "1623751200000"}}, {"$date": 1623751200000}]
    assert [notations.from_extended_json(time) for time in times] == ["2021-06-15T10:00:00.000Z"] * 2
    assert notations.from_extended_json({"a": {"$date": "2021-06-15T10:00:00Z"}}) == {
        "a": "2021-06-15T10:00:00Z"
    }
    assert notations.from_extended_json({"_id": {"$oid": "60c8a1b2c3d4e5f607182930"}}) == {
        "_id": "60c8a1b2c3d4e5f607182930"
    }
