"""Rows of tables that pandas writes with orient=columns or orient=split, as records.

The first row is complete only at the end of the file, so the file is held in memory, up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

import msgspec

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, Piece, Pieces, piece

# Cells of ten bytes take about fifteen times the size of their text in memory.
_MOST_BYTES = 32 * 1024 * 1024


class _Key:
    """A key of an object. No two are equal, so that a repeated key is detected."""

    def __init__(self, text: str) -> None:
        self.text = text


def _new_key(_type: type, text: str) -> _Key:
    return _Key(text)


class _Split(msgspec.Struct):
    columns: list[msgspec.Raw]
    data: list[msgspec.Raw]


_COLUMNS = msgspec.json.Decoder(dict[_Key, dict[_Key, msgspec.Raw]], dec_hook=_new_key)
_SPLIT = msgspec.json.Decoder(_Split)
_CELLS = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode


def _row(cells: dict[bytes, msgspec.Raw]) -> bytes:
    return b"{" + b",".join(name + b":" + bytes(cell) for name, cell in cells.items()) + b"}"


def _by_columns(text: bytes) -> list[bytes]:
    rows: dict[str, dict[bytes, msgspec.Raw]] = {}
    for column, cells in _unique(_COLUMNS.decode(text)).items():
        name = msgspec.json.encode(column)
        for label, cell in _unique(cells).items():
            rows.setdefault(label, {})[name] = cell
    return [_row(cells) for cells in rows.values()]


def _unique[Value](members: dict[_Key, Value]) -> dict[str, Value]:
    found = {key.text: value for key, value in members.items()}
    if len(found) < len(members):
        raise msgspec.ValidationError("a column or a label stands twice")
    return found


def _by_rows(text: bytes) -> list[bytes]:
    """Each row as an object with the column names; a row of another length stays an array."""
    table = _SPLIT.decode(text)
    names = [bytes(name) for name in table.columns]
    if len(set(names)) < len(names) or not all(name.startswith(b'"') for name in names):
        raise msgspec.ValidationError("the columns are not named by different texts")
    rows = []
    for row in table.data:
        cells = _CELLS.decode(row) if bytes(row).startswith(b"[") else []
        rows.append(_row(dict(zip(names, cells, strict=True))) if len(cells) == len(names) else bytes(row))
    return rows


def _columns_without(text: bytes, numbers: Set[int]) -> bytes:
    """The table without the rows of these numbers (from 0); the other cells stay as they are written."""
    columns = _unique(_COLUMNS.decode(text))
    labels = dict.fromkeys(label.text for cells in columns.values() for label in cells)
    left = {label for number, label in enumerate(labels) if number not in numbers}
    return _encode(
        {
            name: {key.text: cell for key, cell in cells.items() if key.text in left}
            for name, cells in columns.items()
        }
    )


def _rows_without(text: bytes, numbers: Set[int]) -> bytes:
    """The table without the rows of these numbers (from 0), and without their labels."""
    table: dict[str, msgspec.Raw] = _MEMBERS.decode(text)
    rows = len(_CELLS.decode(table["data"]))
    for name in ("data", "index"):
        if len(cells := _list(table.get(name, msgspec.Raw(b"null")))) == rows:
            table[name] = msgspec.Raw(_encode([cell for n, cell in enumerate(cells) if n not in numbers]))
    return _encode(table)


def _list(value: msgspec.Raw) -> list[msgspec.Raw]:
    return _CELLS.decode(value) if bytes(value).startswith(b"[") else []


def _splitter(rows_of: Callable[[bytes], list[bytes]]) -> Callable[[Stream], Iterator[Pieces]]:
    def split(stream: Stream) -> Iterator[Pieces]:
        text, size = bytearray(), 0
        for chunk in stream:
            size += len(chunk)
            text += chunk[: max(0, _MOST_BYTES - len(text))]
        if size > _MOST_BYTES:
            yield Piece(bytes(text[:KEPT_BYTES]), size, "TOO_LARGE")
            return
        content = bytes(text)
        try:
            rows = rows_of(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            is_cut = stream.is_cut or not content.rstrip().endswith(b"}")
            yield piece(content, "TRUNCATED" if is_cut else "MALFORMED_JSON")
            return
        if rows:
            yield rows
        if stream.is_cut:
            yield piece(b"", "TRUNCATED")

    return split


SPLITTERS = {"columns": _splitter(_by_columns), "split": _splitter(_by_rows)}
"""Splitter by the kind of table in the document (`Wrapper.holds`)."""

WITHOUT = {"columns": _columns_without, "split": _rows_without}
"""By the same keys as `SPLITTERS`: removes rows from the document."""
