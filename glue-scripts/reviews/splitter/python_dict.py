"""Converts Python literals to JSON, for producers who print one Python dict per line.

Python's own parser decides what a literal means, but it is slow. So ordinary literals are converted to JSON
as text, strings separately from the rest; only unusual literals go to Python's parser.
"""

from __future__ import annotations

import ast
import json
import re

import msgspec

# Up to and including the next string that would change between JSON's quotes.
_TO_SPECIAL = re.compile(
    r"""((?:[^'"]++|'[^'"\\\n]*+')*+)"""
    r"""('[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")"""
)
_ESCAPE = re.compile(r"""\\(?:x([0-9a-fA-F]{2})|(u[0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|["]""")
_SIMPLE_ESCAPES = {"'": "'", "a": r"\u0007", "v": r"\u000b"} | {same: f"\\{same}" for same in '"\\nrtbf'}

# What may be between strings; each string is one quote here. A longer whole number would lose digits in
# 64 bits.
_NUMBER = r"-?(?:0|[1-9][0-9]{0,17})(?![0-9])(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_BETWEEN = re.compile(rf'(?:["\[\]{{}}:, \t]++|[uU]"|None|True|False|null|true|false|{_NUMBER})*+')
_JSON_WORD = re.compile("null|true|false")
_PYTHON_WORDS = (("None", "null"), ("True", "true"), ("False", "false"), ('u"', '"'), ('U"', '"'))
_MAX_BRACKETS = 100  # Python's parser accepts 200 open brackets (MAXLEVEL of its tokenizer)


class _UnusualError(Exception):
    """Only Python's parser can decide what this means."""


def to_json(line: bytes) -> bytes | None:
    """The line as JSON; JSON that is not a Python literal stays unchanged; None if `line` is neither."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    try:
        return _translated(text)
    except (_UnusualError, msgspec.DecodeError, RecursionError):
        return _parsed(text)


def _translated(text: str) -> bytes:
    parts = _parts(text.strip())
    between = '"'.join(parts[::2])
    if _BETWEEN.fullmatch(between) is None or between.count("{") + between.count("[") > _MAX_BRACKETS:
        raise _UnusualError
    if _JSON_WORD.search(between):  # Python reads the word as a name, and a literal has no names
        msgspec.json.decode(text)
        return text.encode()
    for python, as_json in _PYTHON_WORDS:
        between = between.replace(python, as_json)
    parts[::2] = between.split('"')
    # Through objects, so that the last value of a repeated key counts, as in Python.
    return msgspec.json.encode(msgspec.json.decode('"'.join(parts)))


def _parts(text: str) -> list[str]:
    """The text before the first string, the first string as in JSON, the text before the second string, …"""
    parts, at = [], 0
    while special := _TO_SPECIAL.match(text, at):
        ordinary, string = special.groups()
        parts += [*ordinary.split("'"), _ESCAPE.sub(_json_escape, string[1:-1])]
        at = special.end()
    rest = text[at:]
    if '"' in rest or "\\" in rest:
        raise _UnusualError
    return parts + rest.split("'")


def _json_escape(match: re.Match[str]) -> str:
    if match.lastindex is None:
        return r"\""
    kind, digits = match.lastindex, match[match.lastindex]
    if kind == 1:
        return rf"\u00{digits}"
    if kind == 2:
        return match[0]
    if kind == 3 and int(digits, 16) <= 0x10FFFF:
        return json.dumps(chr(int(digits, 16)))[1:-1]
    if kind == 4 and digits in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[digits]
    raise _UnusualError


def _parsed(text: str) -> bytes | None:
    try:
        return json.dumps(ast.literal_eval(text.strip())).encode()
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        pass
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text.encode()
