"""Made-up records with every kind of odd value, and how a cleaned row is written down for comparison.

`recorded/<source>.jsonl` holds what the Spark SQL implementation of the mapping, which the kernel replaced,
made of these records: the first line is the whole row of the fixture's record, each further line what
differs from it. The records themselves are not stored; they follow from the fixtures in `sources/`.
"""

# ruff: noqa: E501, SIM905 - the values read best many to a line

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from source_fixtures import fixture

RECORDED = Path(__file__).parent / "recorded"

# Columns of a cleaned row that depend on the record alone.
CONTENT = (
    *("review_key", "review_id", "product_id", "reviewer_id", "rating", "rating_raw", "rating_scale"),
    *("recommended", "title", "body", "language", "verified_purchase", "helpful_votes", "total_votes"),
    *("created_at", "updated_at", "product_parent_id", "product_title", "product_brand"),
    *("product_categories", "product_price_amount", "product_price_currency", "product_url"),
    *("reviewer_name", "reviewer_profile_url", "reviewer_image_url", "reviewer_country", "reviewer_city"),
    *("media", "responses", "tags", "attributes", "record_bytes", "reasons", "record"),
    "record_base64",
)
# Of those, the columns of a rejected record.
REJECTED = ("reasons", "record", "record_base64", "record_bytes")

_ANYWHERE: list[Any] = [
    *(
        None,
        {},
        {"x": 1},
        [],
        ["a", {"b": 1}],
        [None, 2],
        "",
        "  padded \t",
        "None",
        "null",
        True,
        False,
        0,
        12,
    ),
    *(
        -3,
        2.5,
        1e22,
        "text",
        "{not an object}",
        "[not a list",
        "é" * 60 + "ñ",
        10**30,
        "line\nbreak",
        "\x00nul",
    ),
]

# JSON texts as a native record's scalar fields may hold them.
_NUMBERS = (
    "0 -0 1 5 4.0 4.50 5.000 0.9999999999 1.00000000049 5.0000000001 5.0000000004 5.0000000006 4e0 "
    "4.5E0 40e-1 1e400 -1e400 1e-400 0.1 1E22 1e7 1.5e10 123456789.123456789 1234567890.5 "
    "12345678901234567890 99999999999999999999999999999999999999 "
    "999999999999999999999999999999999999999 1.1234567890123456789 -4 2147483647 2147483648 "
    "9223372036854775807 9223372036854775808 -9223372036854775808 NaN Infinity -Infinity 1569886091 "
    "1569886091.25 1569886091000 1569886091.123456789 99999999999 100000000000 -1569886091 631151999 "
    "631152000 0.0000001 1e-7 12.0 100.10 3.14159265358979323846264338327950288419716939937510 "
).split()
_TEXTS = [
    *(
        "",
        " ",
        "4",
        " 4 ",
        "\t4",
        "4\n",
        "+4",
        "4.",
        ".5",
        "4.5",
        "4,5",
        "4e0",
        "4E+0",
        "4f",
        "5d",
        "4L",
        "0x4",
        "four",
    ),
    *(
        "1,341",
        "1,2",
        ",5",
        "5,",
        "1 000",
        "12.7",
        "-12.7",
        "1e3",
        "٤",
        "４",
        "007",
        "--4",
        "4-",
        "∞",
        "NaN",
        "Infinity",
    ),
    *(
        "99999999999",
        "99999999999.99",
        "1234567890.129",
        "0.005",
        "-0.005",
        "1.995",
        "12.345",
        "00000000000000000012",
    ),
    *("true", "True", "TRUE", "t", "yes", "Y", "1", "on", "false", "F", "no", "N", "0", "off", "tru", "İ"),
    *(
        "2025-03-01",
        "2025-3-1",
        "2025-03",
        "2025",
        "2025-03-01T10",
        "2025-03-01 10",
        "2025-03-01T10:11",
        "2025-03-01T10:11:12",
    ),
    *("2025-03-01 10:11:12.1", "2025-03-01 10:11:12.1234567", "2025-03-01T10:11:12Z", "2025-03-01T10:11:12z"),
    *(
        "2025-03-01T10:11:12+01:00",
        "2025-03-01T10:11:12+0100",
        "2025-03-01T10:11:12+01",
        "2025-03-01T10:11:12+1:0",
    ),
    *(
        "2025-03-01T10:11:12 UTC",
        "2025-03-01T10:11:12 GMT+2",
        "2025-03-01T10:11:12UTC+03:00",
        "2025-03-01T10:11:12 PST",
    ),
    *(
        "2025-06-01T10:11:12 PST",
        "2025-06-01T10:11:12 America/New_York",
        "2025-06-01 10:11:12 Europe/Amsterdam",
    ),
    *("2025-03-30T02:30:00 Europe/Amsterdam", "2025-06-01T10:11:12 EST", "2025-06-01T10:11:12 Nowhere/Else"),
    *(
        "2025-03-01T24:00:00",
        "2025-03-01T23:59:60",
        "2025-03-01T10:60",
        "2025-02-29",
        "2024-02-29",
        "2025-13-01",
    ),
    *(
        "2025-00-10",
        "2025-04-31",
        "1989-12-31T23:59:59Z",
        "1990-01-01",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
    ),
    *(
        "10000-01-01",
        "+2025-03-01",
        "-2025-03-01",
        "2025-03-01T",
        "2025-03-01 ",
        " 2025-03-01",
        "2025-03-01x",
    ),
    *(
        "2025-03-01T10:11:12.",
        "2025-03-01T10:11:12.5+02:00",
        "2025-03-01  10:11:12",
        "2025-03-01T1:2:3",
        "2025/03/01",
    ),
    *(
        "2025-03-01T10:11:12+19:00",
        "2025-03-01T10:11:12-18:00",
        "2025-03-01T10:11:12+05:30:15",
        "20250301",
        "2026-11-22T09:00:00Z",
    ),
    *(
        "2026-11-22T09:00:00.000001Z",
        "1569886091",
        "1569886091000",
        "1569886091.5",
        "-1569886091",
        "1e9",
        "1,569,886,091",
    ),
    *(
        "1569886091000000",
        "999999999999999",
        "1000000000000000",
        "0",
        "[1, 2]",
        '{"a": 1}',
        "0.1.2",
        "EN",
        "ÀÉ",
        "ΑΣ",
    ),
]
_FIELDS: list[tuple[str | int, ...]] = [
    *(
        ("rating",),
        ("created_at",),
        ("updated_at",),
        ("helpful_votes",),
        ("verified_purchase",),
        ("review_id",),
    ),
    *(("language",), ("product", "price", "amount"), ("product", "categories", 0), ("media", 0, "width")),
    *(("responses", 0, "responded_at"), ("device",)),
]
_DATES = [
    *(
        "09 4, 2015",
        "9 4, 2015",
        "09 04, 2015",
        "13 4, 2015",
        "09 31, 2015",
        "09 4, 15",
        "09 4,2015",
        " 09 4, 2015",
    ),
    *(
        "Feb 16, 2015, 5:15PM",
        "feb 16, 2015, 5:15pm",
        "FEB 6, 2015, 12:15AM",
        "Feb 16, 2015, 13:15PM",
        "Feb 30, 2015, 5:15PM",
    ),
    *(
        "February 16, 2015, 5:15PM",
        "Feb 16, 2015, 5:15 PM",
        "Feb 16, 2015, 5:5PM",
        "Feb 16, 2015 @ 5:15pm",
        "Feb 16, 2015, 0:15AM",
    ),
    *(
        "16 Feb, 2015",
        "Feb 16, 12015, 5:15PM",
        "Feb 016, 2015, 5:15PM",
        "Feb 16, 2015, 5:15PMx",
        "Sept 6, 2015, 5:15PM",
    ),
]
_HOSTILE_LINES = [
    *("nonsense", "[1, 2]", '"text"', "null", "12", "{}", "{} {}", "{},{}", "{}]", '{"a": 1}}', '{"a"', "'x'", "],["),
    *('{"a": 1, "a": 1}', '{"b": {"a": 1, "a": 2}}', '{"b": [{"a": 1, "a": 2}]}', '{"a" : 1, "a": 2}', '{"\\u0061": 1, "a": 2}'),
    *('{"a": 1, "a": 2, "x": "\\u0022:"}', '{"a": 01}', '{"a": +1}', '{"a": .5}', '{"a": 5.}', '{"a": 1,}', "{,}", '{"a": tru}'),
    *('{"a": NaN, "b": "NaN"}', '{"a": -NaN}', '{"a": nan}', '{"NaN": 1, "a": Infinity}', '{"a": "\t"}', '{"a": "\\x"}'),
    *('{"a": "\\ud800"}', '{"a": "\\ud83d\\ude00"}', '{"\\ud800": 1}', "\ufeff{}", "\x00{}", "{}\x00", '{"a": 1}//', "/**/{}", "{'a': 1}"),
    *("True", "{'a': (1, 2)}", "[{}]", '{"a": 1e}', '{"a": 1e99999999999999999999}', '{"a": ' + "9" * 1001 + "}", '{"a": ' + "9" * 999 + "}"),
    *('{"a": ' + "[" * 998 + "]" * 998 + "}", '{"a": ' + "[" * 1000 + "]" * 1000 + "}", '\t {"a": 1} \t', "\u00a0{}", "{}\u00a0"),
]  # fmt: skip


class _Literal:
    """A JSON text that json.dumps would never write."""

    def __init__(self, text: str) -> None:
        self.text = text


def _dumps(record: Any) -> str:
    found: list[str] = []

    def mark(value: Any) -> str:
        found.append(value.text)
        return f"@literal{len(found) - 1}@"

    text = json.dumps(record, default=mark)
    for number, literal in enumerate(found):
        text = text.replace(f'"@literal{number}@"', literal)
    return text


def _paths(value: Any, base: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*base, key)
        yield from _paths(inner, (*base, key))


def _changed(record: Any, path: tuple[str | int, ...], value: Any, *, remove: bool = False) -> Any:
    changed = copy.deepcopy(record)
    at = changed
    for key in path[:-1]:
        at = at[key]
    if remove:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


def _mutations(record: Any) -> Iterator[Any]:
    for path in _paths(record):
        yield _changed(record, path, None, remove=True)
        for value in _ANYWHERE:
            yield _changed(record, path, value)
    for path in [(), *(p for p in _paths(record))]:
        at = record
        for key in path:
            at = at[key]
        if isinstance(at, dict):
            yield _changed(record, (*path, "unknown key"), {"a": [1, None]})
        if isinstance(at, list):
            yield _changed(record, path, [*at, *at, None, "plain", {"other": 1}])


def _native(record: Any) -> Iterator[Any]:
    for path in _FIELDS:
        if path == ("device",):
            record = {**record, "device": None}
        for number in _NUMBERS:
            yield _changed(record, path, _Literal(number))
        for text in _TEXTS:
            yield _changed(record, path, text)


def texts(name: str) -> list[str]:
    """The records of source `name`, one line each; the fixture's own first."""
    record = fixture(name)["record"]
    records = [record, *_mutations(record)]
    if name == "native":
        records += _native(record)
    if name == "steam-community":
        records += [{**record, "date_posted": text} for text in _DATES]
    if name == "amazon-2018":
        records += [{**record, "unixReviewTime": None, "reviewTime": text} for text in _DATES]
    written = [repr(r) if name == "beer-advocate" and n % 7 else _dumps(r) for n, r in enumerate(records)]
    return written + _HOSTILE_LINES if name in ("native", "beer-advocate") else written


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The table's rows; times as microseconds since 1970, because some lie outside what Python's datetime
    holds."""
    numbers = pa.schema([field.with_type(_without_times(field.type)) for field in table.schema])
    return list(table.cast(numbers).to_pylist())


def _without_times(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.int64()
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_without_times(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_without_times(field.type)) for field in kind])
    return kind


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A cleaned row as JSON values, nulls left out."""
    found = {column: _json(row.get(column)) for column in CONTENT}
    if found["attributes"] is not None:
        found["attributes"] = json.loads(found["attributes"])
    return {column: value for column, value in found.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items() if inner is not None}
    return value


def difference(row: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """What `row` has otherwise than `base`; null where it lacks a column of `base`."""
    changed = {column: value for column, value in row.items() if base.get(column) != value}
    return changed | {column: None for column in base if column not in row}


def applied(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The row that differs from `base` by `changes`."""
    return {column: value for column, value in (base | changes).items() if value is not None}
