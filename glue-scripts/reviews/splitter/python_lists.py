"""The elements of a list in one Python literal (`print(reviews)`, or pretty-printed).

Apostrophes are quotes there, so JSON's splitter would treat a bracket inside a text as structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece, Pieces, piece

BEGINS = re.compile(rb"\s*\[\s*\{\s*[uU]?'")
"""How such a list begins; JSON never does."""

# A text ends on its line: Python escapes a line break in it. A quote that does not end on its line is
# broken, and costs only its own record.
_TOKEN = re.compile(
    rb"""(?P<string>'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")"""
    rb"""|(?P<open>[\[{])|(?P<close>[\]}])|(?P<quote>['"])|(?P<other>[^'"\[\]{}]++)"""
)
_BETWEEN = b" \t\r\n,"


class _Elements:
    """Finds the records in a text that arrives in chunks."""

    def __init__(self) -> None:
        self._buffer = b""
        self._start = 0
        """Where the current record begins."""
        self._at = 0
        """The buffer is scanned up to here."""
        self._in_list = False
        self._depth = 0
        """Number of open brackets of the record."""

    def feed(self, chunk: bytes, *, last: bool = False) -> list[bytes]:
        """The records that end in the chunk."""
        self._buffer = self._buffer[self._start :] + chunk
        self._at -= self._start
        self._start = 0
        found: list[bytes] = []
        while token := _TOKEN.match(self._buffer, self._at):
            kind = token.lastgroup
            if kind == "quote" and not last and self._buffer.find(b"\n", token.end()) < 0:
                break
            self._at = token.end()
            if kind == "open" and (self._in_list or token[0] == b"{"):
                self._depth += 1
            elif kind == "close" and self._depth > 0:
                self._depth -= 1
                if self._depth == 0:
                    self._take(found)
            elif kind in ("open", "close"):  # the list's own brackets
                self._at = token.start()
                self._take(found)
                self._at = self._start = token.end()
                self._in_list = kind == "open"
            elif kind == "other" and self._depth == 0:
                self._take(found)
        return found

    def rest(self) -> bytes:
        """The start of an incomplete record."""
        return self._buffer[self._start :].strip(_BETWEEN)

    def _take(self, found: list[bytes]) -> None:
        if record := self._buffer[self._start : self._at].strip(_BETWEEN):
            found.append(record)
        self._start = self._at


def split(stream: Stream) -> Iterator[Pieces]:
    """The elements, as Python wrote them."""
    elements = _Elements()
    for chunk in stream:
        if records := elements.feed(chunk):
            yield records
        if len(elements.rest()) > MAX_RECORD_BYTES:
            break
    if records := elements.feed(b"", last=True):
        yield records
    rest = elements.rest()
    if len(rest) > MAX_RECORD_BYTES:
        yield Piece(rest[:KEPT_BYTES], len(rest), "TOO_LARGE")
    elif rest or stream.is_cut:
        yield piece(rest, "TRUNCATED")
