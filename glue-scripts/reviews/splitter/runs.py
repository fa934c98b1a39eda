"""Runs of whole records, cut in bulk where the cursor would take them one by one.

A seam is what stands between two records, from the bracket that ends one to the bracket that begins the
next. A run ends at the last seam in reach, or where the records themselves end. Both are guesses, since the
same bytes may stand inside a record; so a strict JSON parser has to accept the run as values one after the
other, and tells where each of them lies. A run that it accepts the cursor would have cut in the same way. A
run that it refuses is left to the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from reviews.splitter.cursor import Cursor

_MAX_BYTES = 1024 * 1024  # bytes of a run, as of a chunk
# How far to look for the end of a run grows with what was taken last and halves when nothing was found. So
# the search never costs more than in proportion to what is taken, whatever the file holds.
_GROWTH = 2  # times the last run
_FIRST_REACH = 4  # times the record that the cursor took


_TEXT = rb'"[^"\\\n]*+'
# The first key makes a seam rarer: objects inside a record seldom begin as the records do.
_ELEMENT_SEAM = re.compile(rb"(?P<long>(?P<short>\}[\s,]*+\{)(?:\s*+" + _TEXT + rb'")?+)')
# The key of a member differs from record to record: only what follows it is a seam.
_MEMBER_SEAM = re.compile(
    rb"\}[\s,]*+" + _TEXT + rb'(?P<long>(?P<short>"\s*+:\s*+\{)(?:\s*+' + _TEXT + rb'")?+)'
)
# Behind the last record: brackets, and the key that comes next in this document or begins the next one.
_CLOSING = re.compile(rb"\}\s*+[\]}][\s,{}\[\]]*+" + _TEXT + rb'"')


class _Key:
    """The key of a member. No two are equal, so that a key that occurs twice costs no record."""


def _new_key(_type: type, _key: str) -> _Key:
    return _Key()


# Raw: the parser checks a value and returns its bytes, without making objects of it.
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS = msgspec.json.Decoder(dict[_Key, msgspec.Raw], dec_hook=_new_key)


def _elements(run: memoryview) -> list[bytes]:
    records = [bytes(raw) for raw in _ELEMENTS.decode(b"".join((b"[", run, b"]")))]
    # What is in an inner array may be records, too.
    if any(record.startswith(b"[") for record in records):
        raise msgspec.DecodeError("expected no array")
    return records


def _members(run: memoryview) -> list[bytes]:
    return [bytes(raw) for raw in _MEMBERS.decode(b"".join((b"{", run, b"}"))).values()]


def _values(run: memoryview) -> list[bytes]:
    records = [bytes(raw) for raw in _VALUE.decode_lines(run)]
    # Words and numbers without a separator are one value to the cursor and several to the parser.
    if any(not record.startswith(b"{") for record in records):
        raise msgspec.DecodeError("expected objects only")
    return records


class Runs:
    """The runs of records that lie ahead of a cursor.

    A run ends in the cursor's buffer; nothing is read for it. So the cursor goes on as if it had taken the
    records itself, whatever chunks the file comes in.
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
        """Expects to meet again what stands behind the record, of `size` bytes, that the cursor just took."""
        self._reach = max(self._reach, _FIRST_REACH * size)
        buffer, end = self._cursor.buffer, self._cursor.at - 1
        if seam := self._pattern.match(buffer, end):
            self._seams = (seam["long"], seam["short"])
            if self._pattern is _ELEMENT_SEAM:
                self._parse = _elements if b"," in seam["short"] else _values
        elif closing := _CLOSING.match(buffer, end):
            self._closing = closing.group()

    def take(self) -> list[bytes]:
        """Takes the cursor over the next run and returns its records; none where no run is certain."""
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
        """Where a run may end; 0 if nothing in reach looks like it."""
        limit = start + min(self._reach, _MAX_BYTES)
        if self._closing and (found := buffer.find(self._closing, start, limit)) > start:
            return found + 1
        for seam in self._seams:
            if (found := buffer.rfind(seam, start, limit)) > start:
                return buffer.rfind(b"}", start, found + 1) + 1
        return 0
