"""Which statements clients have sent, each shape once, and what a strict parser makes of them.

What an extension or fakesnow takes may still be nothing that Snowflake documents: tests hold every shape to a
parser and to lists of documented statements and functions.
"""

import re
import threading
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import SqlglotError

_REMEMBERED = 5_000
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'")
_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b")
# A list of rows is as long as there are rows.
_ROWS = re.compile(r"(\([?,\s\w]*\))(?:\s*,\s*\([?,\s\w]*\))+")


class StatementShapes:
    """Remembers the first statement of every shape: the same except for texts, numbers and comments."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def note(self, user: str, statement: str) -> None:
        """Remember a statement that a user sends."""
        shape = (user, _shape(statement))
        with self._lock:
            if shape not in self._first and len(self._first) < _REMEMBERED:
                self._first[shape] = statement

    def described(self) -> list[dict[str, Any]]:
        """By user and shape: a statement, how a strict parser takes it (null: not at all; Command: by its
        verb only), and the words before a parenthesis that name neither relations nor columns."""
        with self._lock:
            first = list(self._first.items())
        return [{"user": user, **_described(statement)} for (user, _), statement in first]


def _shape(statement: str) -> str:
    plain = _NUMBER.sub("?", _TEXT.sub("?", _COMMENT.sub(" ", statement)))
    return _ROWS.sub(r"\1", " ".join(plain.split())).upper()


def _described(statement: str) -> dict[str, Any]:
    try:
        trees = sqlglot.parse(statement, read="snowflake", error_level=ErrorLevel.RAISE)
    except SqlglotError:
        return {"statement": statement, "parsedAs": None, "words": sorted(_words(statement))}
    identifiers = {
        identifier.name.upper() for tree in trees if tree for identifier in tree.find_all(exp.Identifier)
    }
    parsed = [type(tree).__name__ for tree in trees if tree]
    return {
        "statement": statement,
        "parsedAs": parsed[0] if len(parsed) == 1 else None,
        "words": sorted(_words(statement) - identifiers),
    }


def _words(statement: str) -> set[str]:
    tokens = Snowflake().tokenize(statement)
    return {
        word.text.upper()
        for word, following in pairwise(tokens)
        if following.text == "(" and word.text[:1].isalpha()
    }
