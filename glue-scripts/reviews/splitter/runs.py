"""Runs of whole records, split in bulk: the cursor alone would take them one by one.

A seam is the text between two records: from the bracket that ends one to the bracket that begins the next.
A run ends at the last seam in reach, or at the end of the records. Both ends are guesses, because a record
may contain the same bytes. So a strict JSON parser must accept the run as a sequence of values; it also
returns where each value is. If the parser accepts a run, the cursor would have split it in the same way. If
it refuses the run, the cursor takes over.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from reviews.splitter.cursor import Cursor

_MAX_BYTES = 1024 * 1024  # bytes of a run: the same as of a chunk
# The search range for the end of a run grows with the last run, and halves if the search finds nothing. So
# the cost of the search stays proportional to the size of the runs, whatever the file contains.
_GROWTH = 2  # times the last run
_FIRST_REACH = 4  # times the record that the cursor took


_TEXT = rb'"[^"\\\n]*+'
# The first key makes a seam rarer: objects inside a record seldom begin with the same key as the records.
_ELEMENT_SEAM = re.compile(rb"(?P<long>(?P<short>\}[\s,]*+\{)(?:\s*+" + _TEXT + rb'")?+)')
# Each record has a different member key, so the seam is only the text after it.
_MEMBER_SEAM = re.compile(
    rb"\}[\s,]*+" + _TEXT + rb'(?P<long>(?P<short>"\s*+:\s*+\{)(?:\s*+' + _TEXT + rb'")?+)'
)
# After the last record: brackets, then the next key of this document or the first key of the next one.
_CLOSING = re.compile(rb"\}\s*+[\]}][\s,{}\[\]]*+" + _TEXT + rb'"')


class _Key:
    """The key of a member. No two are equal, so a repeated key does not overwrite a record."""


def _new_key(_type: type, _key: str) -> _Key:
    return _Key()


# Raw: the parser validates a value and returns its bytes, without building objects.
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS = msgspec.json.Decoder(dict[_Key, msgspec.Raw], dec_hook=_new_key)


def _elements(run: memoryview) -> list[bytes]:
    records = [bytes(raw) for raw in _ELEMENTS.decode(b"".join((b"[", run, b"]")))]
    # The elements of an inner array may be records, too.
    if any(record.startswith(b"[") for record in records):
        raise msgspec.DecodeError("expected no array")
    return records


def _members(run: memoryview) -> list[bytes]:
    return [bytes(raw) for raw in _MEMBERS.decode(b"".join((b"{", run, b"}"))).values()]


def _values(run: memoryview) -> list[bytes]:
    records = [bytes(raw) for raw in _VALUE.decode_lines(run)]
    # The cursor reads words and numbers without a separator as one value, the parser as several.
    if any(not record.startswith(b"{") for record in records):
        raise msgspec.DecodeError("expected objects only")
    return records


class Runs:
    """The runs of records ahead of a cursor.

    A run ends within the cursor's buffer; no extra chunk is read for it. So the cursor continues as if it had
    taken the records itself, for any division of the file into chunks.
    """

    def __init__(self, cursor: Cursor, *, members: bool = False) -> None:
        """`members`: each record is the value of a key."""
        self._cursor = cursor
        self._pattern = _MEMBER_SEAM if members else _ELEMENT_SEAM
        self._parse: Callable[[memoryview], list[bytes]] = _members
        self._seams: tuple[bytes, ...] = ()
        self._closing = b""
        self._reach = 0

    def learn(self, size: int) -> None:
        """Remembers the text after the last record, of `size` bytes: the same text should follow others."""
        self._reach = max(self._reach, _FIRST_REACH * size)
        buffer, end = self._cursor.buffer, self._cursor.at - 1
        if seam := self._pattern.match(buffer, end):
            self._seams = (seam["long"], seam["short"])
            if self._pattern is _ELEMENT_SEAM:
                self._parse = _elements if b"," in seam["short"] else _values
        elif closing := _CLOSING.match(buffer, end):
            self._closing = closing.group()

    def take(self) -> list[bytes]:
        """Moves the cursor past the next run and returns its records; none if no run is certain."""
        buffer, start = self._cursor.buffer, self._cursor.at
        records: list[bytes] = []
        while not records and (end := self._end(buffer, start)):
            try:
                records = self._parse(memoryview(buffer)[start:end])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self._reach = (end - start) // 2
                self._closing = b""
        if records:
            self._cursor.at = end
            self._reach = _GROWTH * (end - start)
        else:
            self._reach //= 2
        return records

    def _end(self, buffer: bytes, start: int) -> int:
        """The position where a run may end; 0 if no end is in reach."""
        limit = start + min(self._reach, _MAX_BYTES)
        if self._closing and (found := buffer.find(self._closing, start, limit)) > start:
            return found + 1
        for seam in self._seams:
            if (found := buffer.rfind(seam, start, limit)) > start:
                return buffer.rfind(b"}", start, found + 1) + 1
        return 0
