"""Python literals as JSON, for producers who print a Python dict per line.

Python's own parser decides what a literal means, and is slow. The text of ordinary literals is therefore
turned into JSON text, strings and the rest apart; whatever is unusual goes to Python's parser.
"""

from __future__ import annotations

import ast
import json
import re

import msgspec

# Up to and with the next string that is not the same between JSON's quotes.
_TO_SPECIAL = re.compile(
    r"""((?:[^'"]++|'[^'"\\\n]*+')*+)"""
    r"""('[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")"""
)
_ESCAPE = re.compile(r"""\\(?:x([0-9a-fA-F]{2})|(u[0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|["]""")
_SIMPLE_ESCAPES = {"'": "'", "a": r"\u0007", "v": r"\u000b"} | {same: f"\\{same}" for same in '"\\nrtbf'}

# What may stand between strings, each of which is one quote here. A longer whole number would lose digits on
# its way through 64 bits.
_NUMBER = r"-?(?:0|[1-9][0-9]{0,17})(?![0-9])(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_BETWEEN = re.compile(rf'(?:["\[\]{{}}:, \t]++|[uU]"|None|True|False|null|true|false|{_NUMBER})*+')
_JSON_WORD = re.compile("null|true|false")
_PYTHON_WORDS = (("None", "null"), ("True", "true"), ("False", "false"), ('u"', '"'), ('U"', '"'))
_MAX_BRACKETS = 100  # Python's parser takes 200 open ones (MAXLEVEL of its tokenizer)


class _UnusualError(Exception):
    """Only Python's parser knows what this means, if anything."""


def to_json(line: bytes) -> bytes | None:
    """JSON of equal value; JSON that is no Python literal as it is; None where `line` is neither."""
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
    if _JSON_WORD.search(between):  # a name to Python, and no literal has one
        msgspec.json.decode(text)
        return text.encode()
    for python, as_json in _PYTHON_WORDS:
        between = between.replace(python, as_json)
    parts[::2] = between.split('"')
    # Through objects, so that of a key that occurs twice the last value counts, as in Python.
    return msgspec.json.encode(msgspec.json.decode('"'.join(parts)))


def _parts(text: str) -> list[str]:
    """What stands before the first string, the first string as in JSON, what stands before the second, …"""
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
