"""A Python literal becomes the JSON that Python's own parser would have made of it."""

from __future__ import annotations

import ast
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.splitter import python_dict
from reviews.splitter.python_dict import to_json

texts = st.text(max_size=8) | st.sampled_from(
    ["it's", 'say "x"', "a'b\"c", "\\", "\n\t", "\x07\x00", "\xa0", "None", "null", "{'", "\\u0041", "\u2028"]
)
numbers = st.integers() | st.floats() | st.sampled_from([0, -0.0, 10**18 - 1, 10**18, 2**64, -(2**63), 1e16])
scalars = texts | numbers | st.none() | st.booleans()
literals = st.recursive(
    scalars,
    lambda v: (
        st.lists(v, max_size=3)
        | st.tuples(v)
        | st.dictionaries(texts | st.integers() | st.none(), v, max_size=3)
    ),
    max_leaves=8,
)
# What may turn a literal into something else when it is put anywhere into it.
INSERTED = [
    *(
        "'",
        '"',
        "\\",
        "{",
        "}",
        "[",
        ",",
        ":",
        " ",
        "\t",
        "\r",
        "\n",
        "\x0c",
        "#",
        "(",
        ")",
        "u",
        "b",
        "r",
        "\0",
    ),
    *(
        "None",
        "null",
        "true",
        "1",
        "0",
        "-",
        ".",
        "e5",
        "_",
        "+1",
        "1j",
        "\u0663",
        "\xa0",
        "'a'",
        "'''",
        "''",
    ),
    *(r"\x41", r"\u0041", r"\ud83d", r"\U0001f600", r"\U00110000", r"\101", r"\N{DIGIT ONE}", r"\d", r"\'"),
    *("\\\n", "'a': 1, ", '"a": 1, '),
]


@st.composite
def lines(draw: st.DrawFn) -> str:
    value = {"a": draw(literals), "b": draw(literals)}
    text = repr(value) if draw(st.booleans()) else draw(st.sampled_from([repr, _python_2, _json]))(value)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(INSERTED)) + text[at + draw(st.integers(0, 2)) :]
    return text


def _python_2(value: dict[str, Any]) -> str:
    return repr(value).replace("{'", "{u'").replace(": '", ": u'")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, skipkeys=True)


def _by_python(text: str) -> str | None:
    """JSON of what Python's parser makes of `text`; JSON as it is."""
    try:
        return json.dumps(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        pass
    try:
        json.loads(text)
    except ValueError:
        return None
    return text


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=1000, deadline=None)
@given(lines())
def test_means_what_it_means_to_python(text: str) -> None:
    expected, found = _by_python(text), to_json(text.encode())
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        # As text: so that 1 and 1.0, NaN and NaN, and the order of keys are compared as well.
        assert json.dumps(json.loads(found)) == json.dumps(json.loads(expected))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{'name': \"it's\", 'rating': 4.5, 'a': None}", {"name": "it's", "rating": 4.5, "a": None}),
        ("{u'text': u'caf\\xe9 \\U0001f600', u'seen': True}", {"text": "café \U0001f600", "seen": True}),
        ("{'a': 'said \"so\"\\n\\'yes\\''}", {"a": "said \"so\"\n'yes'"}),
        ("{'a': 1, 'a': 2}", {"a": 2}),
        ('{"a": null, "b": true}', {"a": None, "b": True}),
    ],
)  # fmt: skip
def test_ordinary_lines_do_without_pythons_parser(line: str, expected: Any) -> None:
    with patch.object(python_dict, "_parsed", lambda _: None):
        found = to_json(line.encode())
    assert found is not None
    assert json.loads(found) == expected


@pytest.mark.parametrize(
    "line", [b"", b"{'a': f()}", b"{'a': {1, 2}}", b"{'a': 'caf\xe9'}", b"{'a': " + b"(" * 5000]
)
def test_gives_nothing_for_what_is_neither_python_nor_json(line: bytes) -> None:
    assert to_json(line) is None
