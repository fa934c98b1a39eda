"""Runs of records that are cut in bulk are those that the cursor cuts one by one, whatever the file holds."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from reviews.contracts import Wrapper
from reviews.splitter import runs
from reviews.splitter.pieces import Piece
from reviews.splitter.task import Request, split
from test_splitter import ARRAY, MAP, values

LAYOUTS: list[tuple[str, Wrapper | None]] = [
    ("array", None),
    ("concatenated", None),
    ("wrapped", ARRAY),
    ("wrapped", MAP),
]

# Most records are alike, as those of a data set; some hold what looks like the end of one, some are no JSON.
reviews = st.fixed_dictionaries(
    {"id": values}, optional={"text": values, "list": st.lists(values, max_size=2)}
)
confusing = st.sampled_from(
    [
        {"id": '"},{"id":'},
        {"id": 1, "text": '}, {"id": 2}'},
        {"id": [{"id": 1}, {"id": 2}]},
        {"id": {"id": {"id": {}}}, "more": [[{"id": 0}], [{"id": 0}]]},
        {"data": [{"id": 1}], "next": {"id": 1}},
        {"reviews": {"1": {"id": 1}, "2": {"id": 2}}},
        {"": '\\"\U0001f600\u2028\x7f\t'},
    ]
)
NO_JSON = [
    *('{"id": 2, "text": "a lost brace"', '{"id": 2}}', '{"id": 2, "text": "a lost quote}', '{"id": 2]'),
    *('{"id": "a "quote" more"}', '{"id": NaN}', "{'id': 2}", '{"id": 2,}', '{"id" 2}', '{"id": 01}'),
    *('{"id": "raw\nline"}', '{"id": "\\q"}', '{"id": "\\ud800"}', '{"id": "\\"}', '{"id":\x0c2}'),
    *('{"id": {"id": 3}', '{"id": 1, "id": 2}', "[1, [2]]", "[[", "]", "}", "{}", "[]", "nonsense", "null"),
    *(
        '"text"',
        '"lost',
        "12",
        "-1 2",
        "truefalse",
        "1-2",
        "",
        " ",
        "\ufeff",
        '{"id":' * 300 + "2" + "}" * 300,
    ),
]
SEPARATORS = [",", ", ", ",\n  ", "\n", "\r\n", "", " ,"]
STRAY = [",,", "", " ", "\n\n", '"', "]", "},{", ", 1,", "\x0c"]
KEYS = ['"same": ', '"\\n}": ', '"}": ', '"\\q": ', '"\\ud800": ', ""]
BYTES = [b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\xff", b"\xed\xa0\x80"]


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Wrapper | None, bytes]:
    """(layout, wrapper, file): records in some layout, most of them whole; the file may be damaged."""
    layout, wrapper = draw(st.sampled_from(LAYOUTS))
    style: dict[str, Any] = draw(
        st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
    )
    record = (reviews | confusing).map(lambda value: json.dumps(value, **style))
    separator: st.SearchStrategy[str] = st.just(draw(st.sampled_from(SEPARATORS)))
    key = st.integers(0, 99).map(lambda number: f'"{number}": ')
    if draw(st.booleans()):
        record = st.one_of(*[record] * 8, st.sampled_from(NO_JSON))
        separator = st.one_of(*[separator] * 9, st.sampled_from(STRAY))
        key = st.one_of(*[key] * 9, st.sampled_from(KEYS))
    last = st.tuples(key if wrapper is MAP else st.just(""), record).map("".join)
    member = st.tuples(last, separator).map("".join)
    parts = [
        _around(layout, wrapper, "".join(draw(st.lists(member, min_size=3, max_size=12))) + draw(last))
        for _ in range(draw(st.integers(1, 3)))
    ]
    data = draw(st.sampled_from(["", "\ufeff"])) + draw(st.sampled_from(["\n", "", ","])).join(parts)
    return layout, wrapper, _damaged(draw, data.encode())


def _around(layout: str, wrapper: Wrapper | None, inside: str) -> str:
    if wrapper is MAP:
        return f'{{"n": [{{"id": 1}}], "reviews": {{{inside}}}, "id": {{"id": 1}}}}'
    if wrapper is ARRAY:
        return f'{{"status": {{"id": 1}}, "results": {{"data": [{inside}], "next": null}}}}'
    return f"[{inside}]" if layout == "array" else inside


def _damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The file as it is, cut off, or with some bytes changed."""
    kind = draw(st.sampled_from(["whole", "whole", "cut", "changed"]))
    if kind == "cut":
        return data[: draw(st.integers(0, len(data)))]
    for _ in range(2 if kind == "changed" else 0):
        at = draw(st.integers(0, len(data)))
        put = draw(
            st.sampled_from(
                [b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\xff", b"\xed\xa0\x80"]
            )
        )
        data = data[:at] + put + data[at + draw(st.integers(0, 2)) :]
    return data


def pieces(layout: str, wrapper: Wrapper | None, data: bytes, chunk: int) -> tuple[list[Piece], int]:
    """The records one by one, and how many of them came in lists."""
    request = Request(0, "", "none", "utf-8", layout, "json", wrapper)
    found: list[Piece] = []
    listed = 0
    for piece in split(request, (data[at : at + chunk] for at in range(0, len(data), chunk))):
        if isinstance(piece, list):
            listed += len(piece)
            found += [Piece(record, len(record)) for record in piece]
        else:
            found.append(piece)
    return found, listed


@settings(max_examples=400, deadline=None)
@given(documents(), st.sampled_from([7, 200, 1 << 20, 1 << 20]), st.sampled_from([100, 1 << 20]))
def test_gives_what_the_cursor_gives(
    document: tuple[str, Wrapper | None, bytes], chunk: int, longest: int
) -> None:
    with patch.object(runs.Runs, "take", lambda _: []):
        expected, none = pieces(*document, chunk)
    assert none == 0
    with patch.object(runs, "_MAX_BYTES", longest):
        found, listed = pieces(*document, chunk)
    event(f"in bulk: {listed > 0}")
    assert found == expected


@pytest.mark.parametrize(
    ("layout", "wrapper"), LAYOUTS, ids=["array", "concatenated", "wrapped array", "map"]
)
@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_takes_ordinary_records_in_bulk(layout: str, wrapper: Wrapper | None, style: dict[str, Any]) -> None:
    records = [{"review_id": n, "text": "}, {", "list": [{"id": n}, {"id": 0}]} for n in range(200)]
    texts = [f'"{n}": ' * (wrapper is MAP) + json.dumps(record, **style) for n, record in enumerate(records)]
    page = _around(layout, wrapper, ("\n" if layout == "concatenated" else ",").join(texts))
    found, listed = pieces(layout, wrapper, f"{page}\n{page}".encode(), 5000)
    assert [json.loads(piece.data) for piece in found] == 2 * records
    assert listed > 0.8 * len(found)


@pytest.mark.parametrize(
    "elements",
    [
        ['{"a":1}', '{"a":2}', *["1"] * 5000],
        [" " * (n % 40) + f'{{"a{n}":1}}' for n in range(2000)],
        ['{"a":1}', '{"a":NaN}'] * 2000,
        ['{"a":"x},{y},{z"}'] * 2000,
    ],
    ids=["no records", "no two seams alike", "every other broken", "seams in strings"],
)
def test_looks_ahead_in_proportion_to_the_file(elements: list[str]) -> None:
    data = f"[{','.join(elements)}]".encode()
    looked = 0
    look = runs.Runs._end

    def counted(self: runs.Runs, buffer: bytes, start: int) -> int:
        nonlocal looked
        looked += min(self._reach, len(buffer) - start)
        return look(self, buffer, start)

    with patch.object(runs.Runs, "_end", counted):
        found, _ = pieces("array", None, data, 1 << 20)
    assert len(found) == len(elements)
    assert looked < 20 * len(data)
