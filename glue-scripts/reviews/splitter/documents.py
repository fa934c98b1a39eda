"""Records in one array, in a sequence, or inside a wrapper document."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace

from reviews.contracts import Path, Wrapper
from reviews.splitter.bytestream import Stream
from reviews.splitter.cursor import Cursor, End, first_key
from reviews.splitter.pieces import Piece, Pieces, piece
from reviews.splitter.runs import Runs


class _BothRuns:
    """Runs of array elements and of object members: a document may hold either."""

    def __init__(self, cursor: Cursor) -> None:
        self.of_elements = Runs(cursor)
        self.of_members = Runs(cursor, members=True)


@dataclass
class _Found:
    """What the walk through a document has found so far."""

    records: bool = False
    cut: bool = False
    first_key: bytes | None = None
    """First key of the records; identifies records that a stray closing bracket put outside the wrapper."""

    def learn_first_key(self, records: Iterable[bytes]) -> None:
        if self.first_key is None:
            self.first_key = next(filter(None, map(first_key, records)), None)


def split_array(stream: Stream) -> Iterator[Pieces]:
    """The elements of one array, or of several arrays in a sequence."""
    cursor = Cursor(stream)
    runs = Runs(cursor)
    while first := cursor.peek():
        if first == b"[":
            cursor.step()
            if (yield from _elements(cursor, runs, b"]", _Found())):
                return
        elif (yield from _record(cursor, runs)):
            return
    if stream.is_cut:
        yield piece(b"", "TRUNCATED")


def split_concatenated(stream: Stream) -> Iterator[Pieces]:
    """A sequence of values, with any white space between them."""
    cursor = Cursor(stream)
    runs = Runs(cursor)
    while cursor.peek():
        if records := runs.take():
            yield records
            continue
        if (yield from _record(cursor, runs)):
            return
    if stream.is_cut:
        yield piece(b"", "TRUNCATED")


def split_wrapped(stream: Stream, wrapper: Wrapper) -> Iterator[Pieces]:
    """The records at the wrapper's path of each document; a document without that path is itself a record.

    The documents form a sequence or an array.
    """
    cursor = Cursor(stream)
    runs = _BothRuns(cursor)
    in_array = False
    while first := cursor.peek():
        if first == (b"]" if in_array else b"["):
            cursor.step()
            in_array = not in_array
            continue
        if first != b"{":
            if (yield from _record(cursor, runs.of_elements)):
                return
            continue
        found = _Found()
        if () in wrapper.paths:
            yield from _container(cursor, runs, found)
        else:
            cursor.start_copy()
            cursor.step()
            yield from _document(cursor, runs, wrapper, (), found)
        if found.cut:
            return
        if not found.records:
            yield cursor.copied()
        cursor.stop_copy()
    if stream.is_cut or in_array:
        yield piece(b"", "TRUNCATED")


def _document(
    cursor: Cursor, runs: _BothRuns, wrapper: Wrapper, base: Path, found: _Found
) -> Iterator[Pieces]:
    """Walks the object whose opening bracket is just before the cursor."""
    while (first := cursor.peek()) != b"}":
        key = cursor.key() if first == b'"' else End.BROKEN
        if key is End.CUT:
            found.cut = True
            yield _judged(cursor.rest(), End.CUT)
            return
        if isinstance(key, End):
            yield from _lost(cursor, first, found)
            if found.cut:
                return
            continue
        path = (*base, _unquoted(key))
        opening = cursor.peek()
        if path in wrapper.paths and opening in (b"[", b"{"):
            yield from _container(cursor, runs, found)
        elif opening == b"{" and any(full[: len(path)] == path for full in wrapper.paths):
            cursor.step()
            yield from _document(cursor, runs, wrapper, path, found)
        else:
            value, end = cursor.value()
            if found.first_key and first_key(value.data) == found.first_key:
                yield _judged(value, end)
                found.cut = end is End.CUT
            elif end is End.CUT:
                found.cut = True
                yield piece(b"", "TRUNCATED")
        if found.cut:
            return
    cursor.step()


def _container(cursor: Cursor, runs: _BothRuns, found: _Found) -> Iterator[Pieces]:
    """The records of the array or map that begins here."""
    found.records = True
    cursor.stop_copy()
    opening = cursor.peek()
    cursor.step()
    if opening == b"[":
        found.cut = yield from _elements(cursor, runs.of_elements, b"]", found)
    else:
        found.cut = yield from _elements(cursor, runs.of_members, b"}", found)


def _lost(cursor: Cursor, first: bytes, found: _Found) -> Iterator[Pieces]:
    """Handles what is neither a key nor the end of the object: the end of the file, or a syntax error."""
    if not first:
        found.cut = True
        yield piece(b"", "TRUNCATED")
        return
    broken, end = cursor.value()
    found.cut = end is End.CUT
    found.records = True
    yield replace(broken, problem="TRUNCATED" if found.cut else "MALFORMED_JSON")


def _unquoted(key: bytes) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key.decode("utf-8", "replace")


def _elements(cursor: Cursor, runs: Runs, closing: bytes, found: _Found) -> Generator[Pieces, None, bool]:
    """Yields the records up to the closing bracket; returns true if the file ends before it."""
    resynchronised = False
    while (first := cursor.peek()) != closing:
        if not first:
            yield piece(b"", "TRUNCATED")
            return True
        if first == b"[" and not resynchronised and cursor.opens_page():
            cursor.step()
            if (yield from _elements(cursor, runs, b"]", found)):
                return True
            continue
        if not resynchronised and (records := runs.take()):
            found.learn_first_key(records)
            yield records
            continue
        is_member = closing == b"}" and first == b'"' and not resynchronised
        if is_member and cursor.key() is End.CUT:
            yield _judged(cursor.rest(), End.CUT)
            return True
        record, end = cursor.value()
        resynchronised = end is End.BROKEN
        found.learn_first_key([record.data])
        yield _judged(record, end)
        if end is End.CUT:
            return True
        runs.learn(record.size)
    cursor.step()
    return False


def _record(cursor: Cursor, runs: Runs) -> Generator[Pieces, None, bool]:
    """Yields one value at the top level; returns true if the file ends inside it."""
    record, end = cursor.value()
    yield _judged(record, end)
    runs.learn(record.size)
    return end is End.CUT


def _judged(record: Piece, end: End) -> Piece:
    if end is End.CUT:
        return replace(record, problem="TRUNCATED")
    if end is End.BROKEN and record.problem is None:
        trimmed = record.data.rstrip(b" \t\r\n,")
        return Piece(trimmed, len(trimmed), "MALFORMED_JSON")
    return record
