"""Finds what to cut out of a text to remove records: the records and their separators."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KEY_BYTES = 64 << 10
_SEPARATOR = re.compile(rb"\s*,[ \t]*(?:\r?\n)?|[ \t]*\r?\n")
_CLOSING = re.compile(rb"\s*[\]}]")
# The key before a record, in a map of id → record.
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*:\s*\Z')
_SPACE = b" \t\r\n"


@dataclass(frozen=True)
class Span:
    """The position of a record in the text."""

    begin: int
    end: int
    before: int
    """Where the previous record ends; 0 for the first."""


def kept(text: mmap.mmap, spans: Sequence[Span], *, separated: bool) -> Iterator[tuple[int, int]]:
    """The parts of the text that stay, in order: everything except these records.

    separated: commas, line ends or keys are cut out with the records; otherwise only the records are.
    """
    cuts: list[tuple[int, int]] = []
    for span in spans:
        begin, end = span.begin, span.end
        if separated:
            end = _end(text, end)
            begin = _begin(text, span)
            # No comma follows the last record, so the comma before it is cut out.
            if end == span.end or text[end - 1 : end] == b"\n":
                cuts += _comma_before(text, begin, end, span.end, cuts)
        cuts.append((begin, end))
    at = 0
    for begin, end in sorted(cuts):
        if begin > at:
            yield at, begin
        at = max(at, end)
    if at < len(text):
        yield at, len(text)


def _end(text: mmap.mmap, end: int) -> int:
    separator = _SEPARATOR.match(text, end)
    return separator.end() if separator else end


def _begin(text: mmap.mmap, span: Span) -> int:
    start = max(span.before, span.begin - _KEY_BYTES)
    key = _KEY.search(text[start : span.begin])
    return start + key.start() if key else span.begin


def _comma_before(
    text: mmap.mmap, begin: int, end: int, record_end: int, cuts: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    if b"," in text[record_end:end] or not _CLOSING.match(text, end):
        return []
    at, earlier = begin, list(cuts)
    while at > 0:
        if earlier and at == earlier[-1][1]:
            at = earlier.pop()[0]
        elif text[at - 1] in _SPACE:
            at -= 1
        else:
            break
    return [(at - 1, at)] if at > 0 and text[at - 1 : at] == b"," else []
