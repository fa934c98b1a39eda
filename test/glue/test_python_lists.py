"""A list of Python dicts in one literal gives the same records as one dict per line."""

from __future__ import annotations

import pprint
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Batch, Input, native
from hypothesis import given
from hypothesis import strategies as st
from reviews.kernel import parsing
from reviews.splitter import python_lists
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Piece

texts = st.text(st.sampled_from("ab '\"\\[]{},:\n\u00e9"), max_size=12)
dicts = st.dictionaries(
    texts, texts | st.integers() | st.none() | st.booleans() | st.lists(texts, max_size=2), max_size=4
)


def records(text: str, size: int = 1 << 20) -> list[Any]:
    data = text.encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    found: list[bytes] = []
    for pieces in python_lists.split(Stream(chunks, "none", "utf-8")):
        found += [pieces.data + f" {pieces.problem}".encode()] if isinstance(pieces, Piece) else pieces
    return [value for record in found for value in parsing.parse_python([record])]


@given(st.lists(dicts.map(lambda made: {"id": 1, **made}), max_size=5), st.integers(1, 40), st.booleans())
def test_every_element_comes_out_as_it_was_written(made: list[dict[str, Any]], size: int, wide: bool) -> None:
    written = repr(made) if wide else pprint.pformat(made, width=20, sort_dicts=False)
    # pprint writes long texts as several in a row, which are one to Python alone.
    if wide or "\n'" not in written.replace(" ", ""):
        assert [parsing.dumps(r) for r in records(written, size)] == [
            parsing.dumps(r) for r in parsing.parse_python([repr(m).encode() for m in made])
        ]


@pytest.mark.parametrize("layout", ["lines", "array", "any"])
def test_the_list_is_read_whatever_its_layout_looks_like(
    run_batch: Callable[..., Batch], layout: str
) -> None:
    made = [native(1, body="it's {good"), native(2, body='say "hi" ]'), native(3, title="x", seen=True)]
    batch = run_batch(Input(repr(made), layout=layout))
    assert batch.figures() == {"recordsRead": 3, "published": 3, "duplicates": 0, "rejected": {}}
    assert {row["body"] for row in batch.reviews} == {"it's {good", 'say "hi" ]', None}


def test_a_quote_that_does_not_end_costs_its_own_record(run_batch: Callable[..., Batch]) -> None:
    first, second = repr(native(1, body="it is")).replace("it is", "it's"), repr(native(2))
    batch = run_batch(Input(f"[{first},\n {second}]", layout="array"))
    assert batch.figures()["rejected"] == {"MALFORMED_JSON": 1}
    assert [row["review_id"] for row in batch.reviews] == ["R2"]


def test_a_list_that_breaks_off_keeps_its_whole_records(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(Input(repr([native(1), native(2)])[:-20], layout="array"))
    assert batch.figures() == {
        "recordsRead": 2,
        "published": 1,
        "duplicates": 0,
        "rejected": {"TRUNCATED": 1},
    }
