"""A position in a stream of JSON text. It follows brackets and strings, but does not parse values.

Nothing recurses, so nesting can have any depth. The text may be invalid: the cursor returns the broken
part as a record and finds the next record after it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece

# Concatenated files can have byte order marks or zero bytes between their values.
_SPACE = re.compile(rb"(?:[\s,\x00]|\xef\xbb\xbf)*+")
_HALF_MARKS = (b"\xef", b"\xef\xbb")
_STRING_START = re.compile(rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
_KEY = re.compile(rb'("[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")\s*+:\s*+(?=\S)')
_KEY_START = re.compile(rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+(?:\\?|"\s*+(?::\s*+)?)\Z')
# Matches up to the next bracket outside a string. Only these characters can follow a string; anything else
# means a missing quote.
_STRETCH = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"(?=\s*+[,:}\]]))*+')
_ARRAY_OF_OBJECTS = re.compile(rb"[\[\s]++")
_SCALAR = re.compile(rb'[^\s,{}\[\]"]++')
_FIRST_KEY = re.compile(rb'\{\s*+"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"')
_NEXT_OBJECT = re.compile(rb'(?<=[}\]])\s*+,?\s*+(?=\{\s*+")')
_PARTNER = {ord("}"): ord("{"), ord("]"): ord("[")}
_BEFORE = {ord("{"): b":", ord("["): b"[,"}  # what precedes an opening bracket inside each kind


class End(enum.Enum):
    """How a scan of a value ended."""

    COMPLETE = enum.auto()
    BROKEN = enum.auto()
    CUT = enum.auto()


@dataclass
class _Copy:
    start: int
    data: bytes = b""
    size: int = 0

    def take(self, buffer: bytes, end: int) -> None:
        part = buffer[self.start : end]
        self.start = end
        self.size += len(part)
        self.data = self.data + part if self.size <= MAX_RECORD_BYTES else (self.data + part)[:KEPT_BYTES]


class Cursor:
    """The unread text begins at `buffer[at]`; the next read may drop the text before it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._chunks: Iterator[bytes] = iter(stream)
        self.buffer = b""
        self.at = 0
        self._copy: _Copy | None = None

    def start_copy(self) -> None:
        """Starts to keep the text that the cursor passes, for `copied`."""
        self._copy = _Copy(start=self.at)

    def stop_copy(self) -> None:
        self._copy = None

    def copied(self) -> Piece:
        """The text that the cursor passed since `start_copy`."""
        copy = self._copy or _Copy(start=self.at)
        copy.take(self.buffer, self.at)
        return Piece(copy.data, copy.size, "TOO_LARGE" if copy.size > MAX_RECORD_BYTES else None)

    def fill(self) -> bool:
        """Reads the next chunk and drops the text before the current position; false at the file's end."""
        for chunk in self._chunks:
            if chunk:
                if self._copy is not None:
                    self._copy.take(self.buffer, self.at)
                    self._copy.start = 0
                self.buffer = self.buffer[self.at :] + chunk
                self.at = 0
                return True
        return False

    def peek(self) -> bytes:
        """The next byte that is neither white space nor a comma; empty at the end of the file."""
        while True:
            self.at = self._skip(_SPACE)
            ahead = self.buffer[self.at : self.at + 3]
            if ahead and ahead not in _HALF_MARKS:
                return ahead[:1]
            if not self.fill():
                return ahead[:1]

    def step(self) -> None:
        """Moves past the byte that `peek` returned."""
        self.at += 1

    def opens_page(self) -> bool:
        """Whether the bracket that `peek` returned opens an array of objects, at any depth, or an empty
        array: the last page is often empty."""
        while True:
            match = _ARRAY_OF_OBJECTS.match(self.buffer, self.at)
            if match is None or match.end() < len(self.buffer):
                return match is not None and self.buffer[match.end()] in b"{]"
            if not self.fill():
                return False

    def key(self) -> bytes | End:
        """Moves past a key and its colon and returns the key as written, in quotes; BROKEN if there is none,
        CUT if the file ends before its value."""
        while True:
            if match := _KEY.match(self.buffer, self.at):
                self.at = match.end()
                return match.group(1)
            if _KEY_START.match(self.buffer, self.at) is None:
                return End.BROKEN
            if len(self.buffer) - self.at > MAX_RECORD_BYTES or not self.fill():
                return End.CUT

    def rest(self) -> Piece:
        """The rest of the buffer, at the end of the file."""
        piece = Piece(self.buffer[self.at :], len(self.buffer) - self.at)
        self.at = len(self.buffer)
        return piece

    def value(self) -> tuple[Piece, End]:
        """The value that starts here, and how it ended. A broken value extends to where the next record seems
        to start."""
        reading = _Reading()
        while True:
            end = reading.scan(self.buffer, self.at)
            if end is None and self._grow(reading):
                continue
            if end is None:
                end = End.COMPLETE if reading.may_end_here(self.buffer, self.at) else End.CUT
            if end is End.BROKEN:
                return self._broken(reading)
            stop = reading.position if end is End.COMPLETE else len(self.buffer) - self.at
            return self._take(reading, stop), end

    def _skip(self, pattern: re.Pattern[bytes]) -> int:
        match = pattern.match(self.buffer, self.at)
        return match.end() if match else self.at

    def _grow(self, reading: _Reading) -> bool:
        """Reads the next chunk of a value; keeps only the start of a too large value, and counts the rest."""
        if reading.dropped == 0 and reading.position > MAX_RECORD_BYTES:
            reading.head = self.buffer[self.at : self.at + KEPT_BYTES]
        if reading.head is not None:
            reading.dropped += reading.position
            self.at += reading.position
            reading.position = 0
        return self.fill()

    def _take(self, reading: _Reading, length: int) -> Piece:
        data = self.buffer[self.at : self.at + length]
        self.at += length
        if reading.head is not None:
            return Piece(reading.head, reading.dropped + length, "TOO_LARGE")
        size = len(data)
        return Piece(data[:KEPT_BYTES], size, "TOO_LARGE") if size > MAX_RECORD_BYTES else Piece(data, size)

    def _broken(self, reading: _Reading) -> tuple[Piece, End]:
        """A record with unbalanced brackets or quotes, up to the next record that starts like it."""
        opening = _FIRST_KEY.match(self.buffer, self.at) if reading.head is None else None
        alike = (
            re.compile(re.escape(opening.group()).replace(rb"\ ", rb"\s*+") + rb"\s*+:") if opening else None
        )
        while True:
            if alike and (found := alike.search(self.buffer, self.at + 1)):
                return self._take(reading, found.start() - self.at), End.BROKEN
            ahead = len(self.buffer) - self.at
            # A record that starts alike may be beyond the buffer: any object counts only if none is near.
            if (alike is None or ahead > KEPT_BYTES) and (
                found := _NEXT_OBJECT.search(self.buffer, self.at + 1)
            ):
                return self._take(reading, found.end() - self.at), End.BROKEN
            if ahead <= MAX_RECORD_BYTES and self.fill():
                continue
            if found := _NEXT_OBJECT.search(self.buffer, self.at + 1):
                return self._take(reading, found.end() - self.at), End.BROKEN
            return self._take(reading, len(self.buffer) - self.at), End.BROKEN


def first_key(record: bytes) -> bytes | None:
    """The first key of an object, in quotes; None if `record` is not an object, or is empty."""
    match = _FIRST_KEY.match(record)
    return match.group()[1:].strip() if match else None


class _Reading:
    """The scan of one value, which continues as the buffer grows; positions count from the value's start."""

    def __init__(self) -> None:
        self.position = 0
        self.head: bytes | None = None
        self.dropped = 0
        self._open: list[int] = []

    def scan(self, buffer: bytes, start: int) -> End | None:
        """None if the buffer ends before the value does."""
        if not self._open and self.position == 0 and self.head is None:
            first = buffer[start : start + 1]
            if first not in (b"{", b"["):
                return self._scalar(buffer, start)
        while True:
            stretch = _STRETCH.match(buffer, start + self.position)
            at = stretch.end() if stretch else start + self.position
            self.position = at - start
            if at == len(buffer):
                return None
            if buffer[at] == ord('"'):
                return None if _may_go_on(buffer, at) else End.BROKEN
            if not self._bracket(buffer, at, start):
                return End.BROKEN
            self.position += 1
            if not self._open:
                return End.COMPLETE

    def _bracket(self, buffer: bytes, at: int, start: int) -> bool:
        """Handles an opening or closing bracket; false if it is not allowed here."""
        kind = buffer[at]
        if partner := _PARTNER.get(kind):
            return bool(self._open) and self._open.pop() == partner
        if self._open and not _follows(buffer, at, start, _BEFORE[self._open[-1]]):
            return False
        self._open.append(kind)
        return True

    def _scalar(self, buffer: bytes, start: int) -> End | None:
        if buffer[start] == ord('"'):
            match = _STRING_START.match(buffer, start)
            end = match.end() if match else start
            self.position = end + 1 - start
            if end < len(buffer) and buffer[end] == ord('"'):
                return End.COMPLETE
            self.position = 0
            return None if end >= len(buffer) - 1 else End.BROKEN
        match = _SCALAR.match(buffer, start)
        end = match.end() if match else start + 1  # a stray bracket counts as a value of its own
        if end == len(buffer) and match:
            return None
        self.position = end - start
        return End.COMPLETE

    def may_end_here(self, buffer: bytes, start: int) -> bool:
        """Whether the value is a number or word at the end of the file."""
        match = _SCALAR.match(buffer, start) if not self._open and self.head is None else None
        if match is None or match.end() < len(buffer):
            return False
        self.position = match.end() - start
        return True


def _may_go_on(buffer: bytes, quote: int) -> bool:
    """Whether the string at `quote`, or what must follow it, may continue beyond the buffer."""
    match = _STRING_START.match(buffer, quote)
    end = match.end() if match else quote
    if end >= len(buffer) or (buffer[end] == ord("\\") and end == len(buffer) - 1):
        return True
    return buffer[end] == ord('"') and not buffer[end + 1 :].strip()


def _follows(buffer: bytes, at: int, start: int, allowed: bytes) -> bool:
    """Whether the last byte before `at` (without white space) is one of `allowed`; true if there is none."""
    while at > start:
        at -= 1
        if buffer[at] not in b" \t\r\n":
            return buffer[at] in allowed
    return True
