"""Rows of comma-separated values: each is a record, or says why it is none."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from conftest import Batch, Input
from flat_reviews import SOURCE, contract
from formats_written import found_by
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.clean import units
from reviews.contracts import parse
from reviews.errors import ContractError
from reviews.manifest import SourceFile
from reviews.record_formats import Csv
from reviews.splitter import csv_lines, task
from reviews.splitter.pieces import Piece

HEADER = "no,item,stars,on\n"
GOOD = "{},P1,4,2025-03-01\n"


def rows_of(content: bytes, chunk: int = 1 << 20, compression: str = "none", **dialect: Any) -> list[Any]:
    """Records as objects, and the pieces that are none."""
    request = task.Request(0, "", compression, "utf-8", "csv", "json", None, format="csv", csv=Csv(**dialect))
    return found_by(request, content, chunk)


def problems(found: Iterable[Any]) -> list[tuple[str | None, bytes]]:
    return [(piece.problem, piece.data) for piece in found if isinstance(piece, Piece)]


def ids(found: Iterable[Any]) -> list[str]:
    return [record["no"] for record in found if not isinstance(record, Piece)]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|:"),
        "quotechar": st.sampled_from("\"'"),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(texts, min_size=width, max_size=width), max_size=8)
    ),
    dialects,
    st.integers(1, 50),
)
@settings(deadline=None)
def test_what_pythons_csv_module_writes_reads_back_equal(
    rows: list[list[str]], dialect: dict[str, Any], chunk: int
) -> None:
    names = [f"c{number}" for number in range(len(rows[0]) if rows else 2)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, **dialect)
    writer.writerow(names)
    writer.writerows(rows)
    found = rows_of(
        text.getvalue().encode(), chunk, delimiter=dialect["delimiter"], quote=dialect["quotechar"]
    )
    assert found == [{name: cell for name, cell in zip(names, row, strict=True) if cell} for row in rows]


@given(st.text(st.sampled_from('ab,"\n\r #'), max_size=200), st.integers(1, 20))
@settings(deadline=None, max_examples=200)
def test_every_line_of_any_text_is_in_a_record_or_a_refused_row(text: str, chunk: int) -> None:
    found = rows_of(b"x,y\n" + text.encode(), chunk)
    assert found == rows_of(b"x,y\n" + text.encode())
    kept = "".join(
        piece.data.decode() if isinstance(piece, Piece) else "".join(piece.values()) for piece in found
    )
    # Letters stand in cells and in refused rows alone: none may go, nor change its place.
    assert [letter for letter in kept if letter in "ab"] == [letter for letter in text if letter in "ab"]


def test_a_row_of_another_length_is_refused_alone_with_what_was_looked_for() -> None:
    text = HEADER + GOOD.format(1) + "2,P1,4\n" + GOOD.format(3) + "4,P1,4,x,y\n" + GOOD.format(5)
    found = rows_of(text.encode())
    assert ids(found) == ["1", "3", "5"]
    assert problems(found) == [
        ("MALFORMED_RECORD", b"2,P1,4"),
        ("MALFORMED_RECORD", b"4,P1,4,x,y"),
    ]
    assert found[1].detail == "looked for 4 cells, one for each column; the row has 3"


@pytest.mark.parametrize(
    "bad",
    ['2,"P1,4,2025-03-01\n', '2,P1,4,"2025-03-01\n', '2,"P"1",4,2025-03-01\n', '"2,P1,4\n'],
    ids=["in a cell", "in the last cell", "not doubled", "in a short row"],
)
@pytest.mark.parametrize("after", [GOOD.format(3), GOOD.format(3) + '4,"P1",4,2025-03-01\n'])
def test_a_stray_quote_costs_its_own_row_only(bad: str, after: str) -> None:
    found = rows_of((HEADER + GOOD.format(1) + bad + after).encode())
    assert ids(found) == ["1", *(line[0] for line in after.splitlines())]
    assert problems(found) == [("MALFORMED_RECORD", bad.rstrip("\n").encode())]


def test_a_quote_that_is_never_closed_is_bounded_and_gives_the_rows_after_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_lines, "MAX_RECORD_BYTES", 1000)
    rows = "".join(GOOD.format(number) for number in range(200))
    found = rows_of((HEADER + '"x,P1,4,2025\n' + rows).encode(), chunk=64)
    assert ids(found) == [str(number) for number in range(200)]
    assert problems(found) == [("MALFORMED_RECORD", b'"x,P1,4,2025')]


def test_a_line_larger_than_a_record_is_refused_without_being_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_lines, "MAX_RECORD_BYTES", 1000)
    monkeypatch.setattr(csv_lines, "KEPT_BYTES", 100)
    line = "x" * 50_000 + "\n"
    found = rows_of((HEADER + GOOD.format(1) + line + GOOD.format(2)).encode(), chunk=64)
    assert ids(found) == ["1", "2"]
    assert [(piece.problem, len(piece.data)) for piece in found if isinstance(piece, Piece)] == [
        ("TOO_LARGE", 100)
    ]
    assert found[1].size == len(line)


def test_bytes_that_are_no_text_cost_their_row_only() -> None:
    found = rows_of(HEADER.encode() + b"1,\xff,4,x\n" + GOOD.format(2).encode())
    assert ids(found) == ["2"]
    assert problems(found) == [("ENCODING", b"1,\xff,4,x")]


@pytest.mark.parametrize(("encoding", "text"), [("latin-1", "café"), ("windows-1252", "€ 5 – café")])
def test_an_older_encoding_is_read_where_the_contract_names_it(encoding: str, text: str) -> None:
    content = (HEADER + f"1,{text},4,x\n").encode(encoding)
    assert rows_of(content, encoding=encoding)[0]["item"] == text


def test_blank_lines_and_comments_are_no_rows_but_a_comment_inside_of_a_cell_is_text() -> None:
    text = '# made\n\nno,item\n \n1,"a\n# b"\n#2,c\n3,d\n'
    assert rows_of(text.encode(), comment="#") == [
        {"no": "1", "item": "a\n# b"},
        {"no": "3", "item": "d"},
    ]


def test_columns_without_a_name_or_with_anothers_keep_their_cells() -> None:
    assert rows_of(b"a,,a,column_2\n1,2,3,4\n") == [
        {"a": "1", "column_2_2": "2", "a_3": "3", "column_2": "4"}
    ]


def test_a_cut_file_says_so_once_and_keeps_what_is_whole() -> None:
    numbers = random.Random(1)  # noqa: S311 - what does not shrink, so that the cut is in the middle
    rows = [f"{number},P{numbers.random()},4,2025-03-01\n" for number in range(2000)]
    packed = gzip.compress((HEADER + "".join(rows)).encode())
    found = rows_of(packed[: len(packed) // 2], compression="gzip")
    whole = ids(found)
    assert 100 < len(whole) < 2000
    assert whole == [str(number) for number in range(len(whole))]
    assert [problem for problem, _ in problems(found)] == ["TRUNCATED"]


def test_every_row_of_a_bad_file_is_accounted_for(
    run_batch: Callable[..., Batch], add_contract: Callable[[dict[str, Any]], None]
) -> None:
    text = "no;item;stars;on;votes\n1;P1;4,5;2025-03-01;1.234\n2;P1;4.5;2025-03-01;\n3;P1\n;;;;\n"
    add_contract(contract("csv", csv={"delimiter": ";"}, decimalComma=True))
    batch = run_batch(Input(text, source=SOURCE, layout="csv"))
    assert batch.figures() == {
        "recordsRead": 4,
        "published": 1,
        "duplicates": 0,
        "rejected": {"RATING_INVALID": 1, "MALFORMED_RECORD": 1, "MISSING_ID": 1},
    }
    [review] = batch.reviews
    assert (review["rating"], review["helpful_votes"]) == (4.5, 1234)
    [ragged] = [row for row in batch.rejected if row["reasons"] == ["MALFORMED_RECORD"]]
    assert ragged["record"] == "3;P1"
    assert ragged["details"] == ["looked for 5 cells, one for each column; the row has 2"]


def test_small_and_large_path_read_the_same_rows(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "UNIT_BYTES", 20_000)
    monkeypatch.setattr(units, "BLOCK_BYTES", 10_000)
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "".join(GOOD.format(number) for number in range(3000)) + "bad\n")
    source = parse(contract("csv"), SOURCE)
    file = SourceFile(0, "f", "k", SOURCE, str(path), "none", "utf-8", "csv", False, path.stat().st_size)
    found = {}
    for stream in (True, False):
        planned = list(units.plan([file], {SOURCE: source}, stream=stream))
        parts = [split for unit in planned for split in unit.splits]
        found[stream] = [
            record
            for part in parts
            for pieces in part.pieces(source)
            for record in (pieces if isinstance(pieces, list) else [pieces])
        ]
        assert (len(parts) > 3) == stream
    assert found[True] == found[False]
    assert len(found[True]) == 3001


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"format": "xlsx"}, "format is 'xlsx', not one of json, csv"),
        ({"format": "json", "csv": {}}, "csv is a setting of csv, not of json"),
        ({"format": "csv", "syntax": "json"}, "syntax is a setting of json, not of csv"),
        ({"format": "csv", "csv": {"delimiter": ",,"}}, "csv.delimiter is ',,', not one character"),
        ({"format": "csv", "csv": {"quote": ","}}, "delimiter, quote and comment of csv must differ"),
        ({"format": "csv", "csv": {"names": ["a", "a"]}}, "not different texts"),
        ({"format": "csv", "csv": {"encoding": "utf-7"}}, "csv.encoding is 'utf-7', not one of"),
        ({"format": "csv", "csv": {"header": True}}, "csv.header is not known"),
        ({"format": "json", "decimalComma": True}, "decimalComma is a setting of csv and xml"),
    ],
)
def test_a_contract_that_no_file_can_be_read_by_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        parse({**contract(), **wrong}, SOURCE)
