"""XML elements as records: attributes as `@name`, children by name, text as itself or as `#text`.

A document type is refused, and with it every entity except XML's own five: with entities, a small document
can fill the memory or read other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import msgspec

from reviews.record_formats import Xml
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import MAX_RECORD_BYTES, Piece, Pieces, piece

_MOST_DEPTH = 900
_FEED_BYTES = 64 << 10
_NAMESPACE_END = "\x1f"
_encode = msgspec.json.Encoder().encode


class _RefusedError(Exception):
    """The document contains something that is not supported; the text says what."""


def split(stream: Stream, settings: Xml) -> Iterator[Pieces]:
    """The elements at the contract's path. At the first error in the document, one record says why."""
    return (found.pieces for found in located(stream, settings))


@dataclass(frozen=True)
class Located:
    """What was read, and where: from the first byte of the start tag to that of the end tag (an empty element
    has one tag for both)."""

    pieces: Pieces
    begin: int = 0
    end: int = 0


def located(stream: Stream, settings: Xml) -> Iterator[Located]:
    """Like `split`, with the byte range of each element in the document."""
    document = _Document(settings.record)
    try:
        for chunk in stream:
            for at in range(0, len(chunk), _FEED_BYTES):
                document.feed(chunk[at : at + _FEED_BYTES])
                yield from document.taken()
    except (expat.ExpatError, _RefusedError) as error:
        yield from document.taken()
        yield Located(piece(b"", "MALFORMED_RECORD", f"looked for XML; {_said(error)}"))
        return
    if stream.is_bomb:
        return  # the caller reports it
    try:
        document.end()
    except expat.ExpatError:
        why = "looked for the end of the root element; the file ends before it"
        yield Located(piece(b"", "TRUNCATED", why))
    if not document.has_root(settings.record[0]):
        path = "/".join(settings.record)
        why = f"looked for elements at {path}; the root has another name"
        yield Located(piece(b"", "MALFORMED_RECORD", why))


def _said(error: Exception) -> str:
    if isinstance(error, expat.ExpatError):
        return f"line {error.lineno} is none ({expat.ErrorString(error.code)}); nothing is read from there on"
    return str(error)


class _Element:
    def __init__(self, attributes: dict[str, str]) -> None:
        self._members: dict[str, Any] = {}
        self.texts: list[str] = []
        for name, value in attributes.items():
            self.add(f"@{_local(name)}", value)

    def add(self, name: str, value: Any) -> None:
        """Adds a member; several members with one name become a list."""
        if name not in self._members:
            self._members[name] = value
        elif isinstance(known := self._members[name], list):
            known.append(value)
        else:
            self._members[name] = [known, value]

    def value(self) -> Any:
        """None if the element is empty."""
        text = "".join(self.texts)
        if not self._members:
            return text or None
        if text.strip():
            self._members["#text"] = text
        return self._members


class _Document:
    def __init__(self, record: tuple[str, ...]) -> None:
        self._record = record
        self._path: list[str] = []
        self._open: list[_Element] = []
        self._found: list[Located] = []
        self._begin = 0
        self._fed = 0
        self._root: str | None = None
        self._parser = expat.ParserCreate(namespace_separator=_NAMESPACE_END)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, data: bytes) -> None:
        """Parses the next bytes.

        Raises:
            ExpatError: the document is not valid XML from here on.
            _RefusedError: it contains something that is not supported.
        """
        self._fed += len(data)
        self._parser.Parse(data, False)
        if self._fed - max(0, self._parser.CurrentByteIndex) > MAX_RECORD_BYTES:
            raise _RefusedError("a tag or a comment is larger than 16 MiB")

    def end(self) -> None:
        """Raises ExpatError if the document is not at its end."""
        self._parser.Parse(b"", True)

    def has_root(self, name: str) -> bool:
        return self._root in (name, None)

    def taken(self) -> Iterator[Located]:
        """The records that were read since the last call."""
        yield from self._found
        self._found = []

    def _doctype(self, *_: object) -> None:
        raise _RefusedError("it has a document type, whose entities may expand to anything; send it without")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(name))
        self._root = self._root or self._path[0]
        if len(self._path) > _MOST_DEPTH:
            raise _RefusedError(f"elements are nested deeper than {_MOST_DEPTH}")
        if self._open or tuple(self._path) == self._record:
            if not self._open:
                self._begin = self._parser.CurrentByteIndex
            self._open.append(_Element(attributes))

    def _text(self, text: str) -> None:
        if self._open and self._size() <= MAX_RECORD_BYTES:
            self._open[-1].texts.append(text)

    def _end(self, _name: str) -> None:
        name = self._path.pop()
        if not self._open:
            return
        value = self._open.pop().value()
        if self._open:
            if value is not None and self._size() <= MAX_RECORD_BYTES:
                self._open[-1].add(name, value)
            return
        found: Pieces
        if self._size() > MAX_RECORD_BYTES:
            found = Piece(b"", self._size(), "TOO_LARGE")
        else:
            found = [_encode(value if isinstance(value, dict) else {"#text": value})]
        self._found.append(Located(found, self._begin, self._parser.CurrentByteIndex))

    def _size(self) -> int:
        """Bytes of the current record so far."""
        return self._parser.CurrentByteIndex - self._begin


def _local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(_NAMESPACE_END)[2]
