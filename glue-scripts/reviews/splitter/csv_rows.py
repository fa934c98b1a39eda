"""CSV rows as records: the texts of their cells, by column; an empty cell is absent.

Python's reader parses them in strict mode (RFC 4180); this module makes sure that no row swallows another.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from reviews.record_formats import Csv
from reviews.splitter.bytestream import Stream
from reviews.splitter.csv_lines import Lines, TooLargeError, encoded
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece, Pieces, piece

_ROWS_AT_A_TIME = 512
_encode = msgspec.json.Encoder().encode

# The reader's cell limit is global to the process; `Lines` enforces the limit of a row.
csv.field_size_limit(MAX_RECORD_BYTES)


def split(stream: Stream, settings: Csv) -> Iterator[Pieces]:
    """The rows of the file.

    A row with a wrong number of cells, or with a quote that is not closed or doubled, is MALFORMED_RECORD;
    the lines that such a quote swallowed are read again as separate rows.
    """
    return _Table(stream, settings).records()


def one_by_one(stream: Stream, settings: Csv) -> Iterator[tuple[Pieces, bytes]]:
    """The rows of the file, each with its original lines; without them if a line is too large."""
    table = _Table(stream, settings, rows_at_a_time=1)
    for found in table.records():
        yield found, table.original


class _Rows:
    """Rows that were read but not yet yielded, with their original lines."""

    def __init__(self, names: Sequence[str], rows_at_a_time: int) -> None:
        self.names = names
        self._rows_at_a_time = rows_at_a_time
        self._records: list[dict[str, str]] = []
        self._originals: list[str] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        return len(self._records) >= self._rows_at_a_time or self._size > KEPT_BYTES

    def add(self, cells: Sequence[str], original: str) -> None:
        self._records.append({name: cell for name, cell in zip(self.names, cells, strict=True) if cell})
        self._originals.append(original)
        self._size += len(original)

    def take(self) -> Iterator[Pieces]:
        try:
            records = list(map(_encode, self._records))
        except UnicodeEncodeError:
            yield from map(_judged, self._records, self._originals)
        else:
            if records:
                yield records
        self._records, self._originals, self._size = [], [], 0


def _judged(record: dict[str, str], original: str) -> Pieces:
    try:
        return [_encode(record)]
    except UnicodeEncodeError:
        return piece(_trimmed(original), "ENCODING")


class _Table:
    def __init__(self, stream: Stream, settings: Csv, rows_at_a_time: int = _ROWS_AT_A_TIME) -> None:
        self._stream = stream
        self._settings = settings
        self._rows_at_a_time = rows_at_a_time
        self._lines = Lines(stream)
        self._reader = self._read(self._lines)
        self._rows = None if settings.names is None else _Rows(settings.names, rows_at_a_time)
        self._ended_early = False

    def records(self) -> Iterator[Pieces]:
        comment = self._settings.comment
        while (line := self._lines.peek()) is not None:
            if isinstance(line, Piece):
                self._lines.begin_row()
                self._lines.step()
                yield from self._taken()
                yield line
            elif comment is not None and line.startswith(comment):
                self._lines.step()
            elif (refused := self._row()) is not None:
                yield from self._taken()
                yield refused
            elif self._rows is not None and self._rows.is_full:
                yield from self._rows.take()
        yield from self._taken()
        if self._stream.is_cut and not self._ended_early:
            self._lines.begin_row()
            yield piece(b"", "TRUNCATED")

    @property
    def original(self) -> bytes:
        """The lines of the last row."""
        return encoded("".join(self._lines.row))

    def _taken(self) -> Iterable[Pieces]:
        return () if self._rows is None else self._rows.take()

    def _read(self, lines: Iterable[str]) -> Iterator[list[str]]:
        quote = self._settings.quote
        return csv.reader(
            lines,
            delimiter=self._settings.delimiter,
            quotechar=quote,
            quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
            strict=True,
        )

    def _row(self) -> Piece | None:
        """Reads a row; returns it if it is rejected."""
        self._lines.begin_row()
        try:
            cells = next(self._reader)
        except (csv.Error, TooLargeError):
            cells = None
        lines = self._lines.row
        if (cells is not None or len(lines) == 1) and self._ends_file(lines):
            self._ended_early = True
            return piece(encoded("".join(lines)), "TRUNCATED")
        if cells is None:
            return self._refused(1, "looked for a row; a quote in it is not closed, or not doubled")
        if self._rows is None:
            if cells:
                self._rows = _Rows(_names(cells), self._rows_at_a_time)
            return None
        width = len(self._rows.names)
        if len(cells) == width:
            self._rows.add(cells, "".join(lines))
        elif len(cells) > 1 or "".join(cells).strip():
            # If a quote swallowed a complete next row, the quote was never closed.
            swallowed = len(lines) > 1 and self._is_row(lines[1], width)
            seen = f"looked for {width} cells, one for each column; the row has {len(cells)}"
            return self._refused(1 if swallowed else len(lines), seen)
        return None

    def _is_row(self, line: str, width: int) -> bool:
        try:
            return len(next(self._read([line]))) == width
        except csv.Error:
            return False

    def _ends_file(self, lines: Sequence[str]) -> bool:
        """Whether the row is the last, incomplete row of a file that was cut off."""
        return not lines[-1].endswith(("\n", "\r")) and self._lines.peek() is None and self._stream.is_cut

    def _refused(self, count: int, detail: str) -> Piece:
        """Rejects the first lines of the row; the others are read again."""
        lines = self._lines.row
        self._lines.put_back(lines[count:])
        self._lines.row = lines[:count]
        return piece(_trimmed("".join(lines[:count])), "MALFORMED_RECORD", detail)


def _trimmed(lines: str) -> bytes:
    return encoded(lines.rstrip("\r\n"))


def _names(cells: Sequence[str]) -> list[str]:
    """The names of the header; a column without a name, or with a repeated name, gets its number."""
    given = [encoded(cell).decode("utf-8", "replace").strip() for cell in cells]
    names: dict[str, None] = {}
    for number, cell in enumerate(given, 1):
        name = cell or f"column_{number}"
        while name in names or (name != cell and name in given):
            name = f"{name}_{number}"
        names[name] = None
    return list(names)
