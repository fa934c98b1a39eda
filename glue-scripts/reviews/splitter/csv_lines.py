"""The lines of a CSV file, for a reader that may take several lines for one row."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator, Sequence

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece

_BYTE_ORDER_MARK = "\ufeff"


class TooLargeError(Exception):
    """The lines of one row are larger than the limit of a record."""


class Lines:
    """An iterator of lines with their line ends; `row` holds the lines that were read since `begin_row`."""

    def __init__(self, stream: Stream) -> None:
        self._lines = _lines(stream)
        self._ahead: deque[str | Piece] = deque()
        self._size = 0
        self.row: list[str] = []

    def peek(self) -> str | Piece | None:
        """The next line, as a `Piece` if it is too large; None at the end of the file."""
        if not self._ahead:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[0]

    def step(self) -> None:
        """Moves past the line that `peek` returned."""
        self._ahead.popleft()

    def begin_row(self) -> None:
        self.row, self._size = [], 0

    def put_back(self, lines: Sequence[str]) -> None:
        """Puts these lines in front of the next line."""
        self._ahead.extendleft(reversed(lines))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.peek()
        if line is None:
            raise StopIteration
        if isinstance(line, Piece) or self._size + len(line) > MAX_RECORD_BYTES:
            raise TooLargeError
        self.step()
        self.row.append(line)
        self._size += len(line)
        return line


def encoded(text: str) -> bytes:
    """The bytes that the text was decoded from, including the bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def _lines(stream: Stream) -> Iterator[str | Piece]:
    """Lines that end in LF, CR LF or CR; only the beginning of a line that is too large."""
    rest, dropped = "", 0
    for text in _texts(stream):
        *lines, rest = _split(rest + text)
        for line in lines:
            if dropped or len(line) > MAX_RECORD_BYTES:
                yield _too_large(line, dropped)
                dropped = 0
            else:
                yield line
        if len(rest) > MAX_RECORD_BYTES:
            dropped += len(encoded(rest[KEPT_BYTES:]))
            rest = rest[:KEPT_BYTES]
    if dropped:
        yield _too_large(rest, dropped)
    elif rest:
        yield rest


def _too_large(line: str, dropped: int) -> Piece:
    data = encoded(line)
    return Piece(data[:KEPT_BYTES], len(data) + dropped, "TOO_LARGE")


def _texts(stream: Stream) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    mark = _BYTE_ORDER_MARK
    for chunk in stream:
        text = decoder.decode(chunk)
        if text:
            yield text.removeprefix(mark)
            mark = ""
    yield decoder.decode(b"", final=True)


def _split(text: str) -> list[str]:
    """The lines, and the rest after the last one: a CR at the end may be half of a CR LF."""
    lines = io.StringIO(text, newline="").readlines()
    if not lines or lines[-1].endswith("\n"):
        lines.append("")
    return lines
