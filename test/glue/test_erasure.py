"""A reviewer's records are found in every form of file, and cut out: all others stay, byte for byte."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import Input, lines, native, write_manifest
from flat_reviews import COLUMNS, SOURCE, contract, reviews
from formats_written import as_csv, as_xml, avro, parquet
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import manifest
from reviews.contracts import Wrapper
from reviews.erasure import rewriting
from reviews.erasure.__main__ import answer
from reviews.erasure.rewriting import RefusedError
from reviews.erasure.search import search
from reviews.record_formats import Csv, Xml
from reviews.splitter import task
from reviews.splitter.pieces import Begin, Piece
from reviews.splitter.task import Request
from test_archives import tar_of, zip_of
from test_splitter import lay_out, layouts, values

Record = tuple[bytes, int, str | None]

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": lambda content: pa.compress(content, "zstd", asbytes=True),
}


def request(layout: str = "lines", **form: Any) -> Request:
    settings = {"compression": "none", "encoding": "utf-8", "syntax": "json", "wrapper": None} | form
    return Request(number=0, uri="", layout=layout, **settings)


def records_in(wanted: Request, content: bytes) -> list[Record]:
    """The records of a file, except for the mark that it ends too early."""
    found: list[Record] = []
    for pieces in task.split(wanted, [content]):
        if isinstance(pieces, Piece):
            found.append((pieces.data, pieces.size, pieces.problem))
        elif not isinstance(pieces, Begin):
            found += [(data, len(data), None) for data in pieces]
    return [record for record in found if record[1]]


def without(wanted: Request, content: bytes, numbers: set[int]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "file", Path(folder) / "target"
        path.write_bytes(content)
        rewriting.rewrite(wanted, path, numbers, target, Path(folder))
        return target.read_bytes()


def left(records: Sequence[Record], numbers: set[int]) -> list[Record]:
    return [record for number, record in enumerate(records) if number not in numbers]


# They begin with one key, as records do, and no other object of their document does.
objects = st.dictionaries(st.text(max_size=4), values, max_size=4).map(lambda record: {"id": 1} | record)
chosen = st.sets(st.integers(0, 5))
compressions = st.sampled_from(sorted(COMPRESSIONS))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(objects, min_size=1, max_size=6),
    chosen,
    layouts,
    st.sampled_from([None, 2]),
    st.sampled_from(["utf-8", "utf-16le", "utf-16be"]),
    compressions,
    st.booleans(),
)
def test_the_other_records_of_any_layout_stay_as_they_stand(
    records: list[Any],
    numbers: set[int],
    layout: str,
    indent: int | None,
    encoding: str,
    compression: str,
    mark: bool,
) -> None:
    text, form, wrapper = lay_out(records, layout, indent)
    content = COMPRESSIONS[compression]((("\ufeff" if mark else "") + text).encode(encoding))
    wanted = request(form, compression=compression, encoding=encoding, wrapper=wrapper)
    before = records_in(wanted, content)
    assert len(before) == len(records)
    numbers = {number for number in numbers if number < len(before)}
    assert records_in(wanted, without(wanted, content, numbers)) == left(before, numbers)


cells = st.fixed_dictionaries(
    {name: st.text(st.characters(codec="latin-1", exclude_characters="\r\0"), min_size=1) for name in "abc"}
)


@settings(max_examples=100, deadline=None)
@given(st.lists(cells, min_size=1, max_size=6), chosen, compressions, st.sampled_from(["utf-8", "latin-1"]))
def test_the_other_rows_of_csv_stay_as_they_stand(
    rows: list[dict[str, str]], numbers: set[int], compression: str, encoding: str
) -> None:
    content = COMPRESSIONS[compression](as_csv("abc", rows).encode(encoding))
    wanted = request("csv", format="csv", compression=compression, csv=Csv(encoding=encoding))
    before = records_in(wanted, content)
    numbers = {number for number in numbers if number < len(before)}
    assert records_in(wanted, without(wanted, content, numbers)) == left(before, numbers)


words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["C"]), min_size=1)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"a": words, "b": words}), min_size=1, max_size=6),
    chosen,
    compressions,
    st.sampled_from(["utf-8", "iso-8859-1", "utf-16"]),
)
def test_the_other_elements_of_xml_stay_as_they_stand(
    rows: list[dict[str, str]], numbers: set[int], compression: str, encoding: str
) -> None:
    content = COMPRESSIONS[compression](as_xml(rows, encoding))
    wanted = request("xml", format="xml", compression=compression, xml=Xml(("reviews", "review")))
    before = records_in(wanted, content)
    numbers = {number for number in numbers if number < len(before)}
    assert records_in(wanted, without(wanted, content, numbers)) == left(before, numbers)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"a": words, "n": st.integers(0, 9)}), min_size=1, max_size=6),
    chosen,
    st.sampled_from(["snappy", "gzip", "zstd", "none"]),
)
def test_the_other_rows_of_parquet_keep_values_types_and_compression(
    rows: list[dict[str, Any]], numbers: set[int], compression: str
) -> None:
    content = parquet(rows, compression=compression, row_group_size=2)
    wanted = request("parquet", format="parquet")
    before = records_in(wanted, content)
    numbers = {number for number in numbers if number < len(before)}
    written = without(wanted, content, numbers)
    assert records_in(wanted, written) == left(before, numbers)
    schemas = [pa.parquet.ParquetFile(pa.BufferReader(file)) for file in (content, written)]
    assert schemas[0].schema_arrow == schemas[1].schema_arrow
    if len(numbers) < len(before):
        codecs = [file.metadata.row_group(0).column(0).compression for file in schemas]
        assert codecs[0] == codecs[1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({"n": st.integers(0, 9), "t": st.text(max_size=9)}), min_size=1, max_size=9
    ),
    chosen,
    st.sampled_from(["null", "deflate", "bzip2", "xz"]),
    compressions,
)
def test_the_other_rows_of_avro_stay_as_they_stand(
    rows: list[dict[str, Any]], numbers: set[int], codec: str, compression: str
) -> None:
    plain = avro({"n": "long", "t": "string"}, rows, codec=codec, sync_interval=1)
    wanted = request("avro", format="avro", compression=compression)
    content = COMPRESSIONS[compression](plain)
    before = records_in(wanted, content)
    numbers = {number for number in numbers if number < len(before)}
    assert records_in(wanted, without(wanted, content, numbers)) == left(before, numbers)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(objects, min_size=1, max_size=3), min_size=1, max_size=3),
    chosen,
    st.sampled_from(["tar", "zip"]),
    compressions,
)
def test_the_other_records_of_archives_stay_as_they_stand(
    members: list[list[Any]], numbers: set[int], archive: str, compression: str
) -> None:
    names = {f"{n}.jsonl": "".join(json.dumps(r) + "\n" for r in rs) for n, rs in enumerate(members)}
    content = COMPRESSIONS[compression](tar_of(names) if archive == "tar" else zip_of(names))
    wanted = request("any", archive=archive, compression=compression)
    before = records_in(wanted, content)
    numbers = {number for number in numbers if number < len(before)}
    assert records_in(wanted, without(wanted, content, numbers)) == left(before, numbers)


@pytest.mark.parametrize("holds", ["columns", "split"])
def test_the_other_rows_of_a_table_keep_their_cells(holds: str) -> None:
    rows = [{"a": 1.50, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}]
    by_columns = {name: {str(n): row[name] for n, row in enumerate(rows)} for name in "ab"}
    by_rows = {"columns": ["a", "b"], "index": [0, 1, 2], "data": [[row["a"], row["b"]] for row in rows]}
    content = json.dumps(by_columns if holds == "columns" else by_rows).encode()
    wanted = request("wrapped", wrapper=Wrapper(((),), holds))
    written = without(wanted, content, {1})
    assert records_in(wanted, written) == left(records_in(wanted, content), {1})
    assert b"y" not in written
    assert holds == "columns" or json.loads(written)["index"] == [0, 2]


@pytest.mark.parametrize(
    ("layout", "text", "expected", "form"),
    [
        ("lines", '{"a":1}\n{"a":2}\n{"a":3}', '{"a":1}\n{"a":3}', {}),
        ("lines", '{"a":1}\r\n\r\n{"a":2}\r\n{"a":3}\r\n', '{"a":1}\r\n\r\n{"a":3}\r\n', {}),
        ("array", '[{"a":1}, {"a":2}, {"a":3}]', '[{"a":1}, {"a":3}]', {}),
        ("concatenated", '{"a":1}{"a":2}{"a":3}', '{"a":1}{"a":3}', {}),
        (
            "wrapped",
            '{"n":3,"reviews":{"k1":{"a":1},"k2":{"a":2},"k3":{"a":3}},"end":true}',
            '{"n":3,"reviews":{"k1":{"a":1},"k3":{"a":3}},"end":true}',
            {"wrapper": Wrapper((("reviews",),), "map")},
        ),
        ("lines", "[{'a': 1}, {'a': 2},\n {'a': 3}]", "[{'a': 1},  {'a': 3}]", {"syntax": "python-dict"}),
        ("csv", 'a,b\r\n1,"x\r\ny"\r\n2,\r\n3,z\r\n', 'a,b\r\n1,"x\r\ny"\r\n3,z\r\n', {"format": "csv"}),
        (
            "xml",
            "<r><!-- kept --><v>1</v>\n<v>2</v ><v>3</v></r>",
            "<r><!-- kept --><v>1</v>\n<v>3</v></r>",
            {"format": "xml", "xml": Xml(("r", "v"))},
        ),
    ],
)
def test_nothing_but_the_record_and_its_separator_goes(
    layout: str, text: str, expected: str, form: dict[str, Any]
) -> None:
    assert without(request(layout, **form), text.encode(), {1}).decode() == expected


def test_the_last_records_of_an_array_take_the_comma_before_them(tmp_path: Path) -> None:
    written = without(request("array"), b'[{"a":1},\n {"a":2},\n {"a":3}\n]', {1, 2})
    assert json.loads(written) == [{"a": 1}]


def test_the_same_file_is_written_each_time() -> None:
    content = gzip.compress(lines(native(1), native(2)).encode())
    wanted = request("lines", compression="gzip")
    assert without(wanted, content, {0}) == without(wanted, content, {0})


def test_an_archives_other_members_keep_name_and_content() -> None:
    names = {"a.jsonl": lines(native(1), native(2)), "folder/b.jsonl": lines(native(3)), ".DS_Store": "x"}
    written = without(request("any", archive="zip"), zip_of(names), {1})
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.namelist() == list(names)
        assert archive.read("folder/b.jsonl").decode() == names["folder/b.jsonl"]
        assert archive.read("a.jsonl").decode() == lines(native(1))


def test_refuses_what_it_cannot_write_again() -> None:
    with pytest.raises(RefusedError, match="damaged"):
        without(request("any", archive="tar"), tar_of({"a.jsonl": lines(native(1))})[:1000], {0})


# ---- which records are the reviewer's


def searched(folder: Path, content: str | bytes, reviewer: str = "R-9", **form: Any) -> Any:
    [file] = manifest.load(str(write_manifest(folder, [Input(content, **form)]))).files
    return search(file, reviewer)


def by(reviewer: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    return native(number, reviewer={"reviewer_id": reviewer}, **changes)


def test_finds_published_rejected_duplicate_and_wrapped_records(tmp_path: Path) -> None:
    insert = {"op": "c", "after": by("R-9", 5), "before": None, "source": {"ts_ms": 1}, "ts_ms": 1}
    content = lines(
        by("R-1"), by("R-9", 2), by("R-9", 2), by("R-9", 3, rating=77), by("R-99", 4), insert, by("R-1", 6)
    )
    found = searched(tmp_path, content)
    assert (found.records, found.own, found.damaged) == (7, [1, 2, 3, 5], 0)


def test_finds_damaged_records_by_their_text(tmp_path: Path) -> None:
    content = lines(by("R-1", body="as R-9 says"), '{"reviewer": "R-9", ', '{"reviewer": "R-91", ', by("R-1"))
    found = searched(tmp_path, content)
    assert (found.own, found.damaged) == ([1], 1)


def test_finds_deletions_that_name_the_reviewer(tmp_path: Path) -> None:
    asked = [
        {"erased_review": {"review_id": "R1", "reviewer": {"reviewer_id": who}}} for who in ("R-9", "R-1")
    ]
    assert searched(tmp_path, lines(*asked)).own == [0]


def test_counts_what_could_not_be_searched(tmp_path: Path) -> None:
    huge = by("R-1", body="x" * (17 << 20))
    assert searched(tmp_path, lines(huge)).unread == 1


def test_answers_for_a_file_without_its_content(tmp_path: Path) -> None:
    path, target = tmp_path / "file", tmp_path / "target"
    path.write_text(lines(by("R-1"), by("R-9", 2)))
    form = {
        "source": "native",
        "layout": "lines",
        "compression": "none",
        "encoding": "utf-8",
        "cutOff": False,
    }
    asked = {"path": str(path), "key": "reviews/native/a.jsonl", "form": form, "target": str(target)}
    first = answer("R-9", asked)
    assert (first["records"], first["own"], first["others"]) == (2, 1, 1)
    again = answer("R-9", asked | {"path": str(target)})
    assert (again["own"], again["others"], again["digest"]) == (0, 1, first["digest"])
    refused = answer("R-9", asked | {"form": form | {"source": "yelp-businesses"}})
    assert "names no reviewer" in refused["refusal"]


def test_finds_the_reviewer_in_every_format(
    tmp_path: Path, add_contract: Callable[[dict[str, Any]], None]
) -> None:
    rows = reviews(30)
    for kind, content in (
        ("csv", as_csv(COLUMNS, rows).encode()),
        ("xml", as_xml(rows)),
        ("avro", avro({name: ["int", "string"] for name in COLUMNS}, rows)),
        ("parquet", parquet(rows)),
    ):
        more = {"xml": {"record": ["reviews", "review"]}} if kind == "xml" else {}
        add_contract(contract(kind, **more))
        found = searched(tmp_path, content, "U3", source=SOURCE, layout=kind)
        # Number 3 has no product, and is rejected.
        assert (found.own, found.damaged) == ([3, 14, 25], 0), kind
