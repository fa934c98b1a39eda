"""A document as a record, without more of it unpacked at a time than fits: its parts may be very many.

"Specification Version 1.1", BSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import pack, unpack_from
from typing import Any, NamedTuple

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from connector.json_text import GROUP, LARGE, JsonText, PartlyPacked, dumped
from connector.mongodb_values import as_json

# Bytes of a document's size, with which it begins.
_SIZE = 4

_DOCUMENT, _ARRAY, _REGEX = 0x03, 0x04, 0x0B

# Bytes of a value, by its type: of those that have one size; and for those that state one, what they have
# beside what it counts.
_FIXED = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16}
_FIXED |= {0x7F: 0, 0xFF: 0}
_STATED = {0x02: 4, _DOCUMENT: 0, _ARRAY: 0, 0x05: 5, 0x0C: 16, 0x0D: 4, 0x0E: 4, 0x0F: 0}


class _Element(NamedTuple):
    """A field of a document, or an element of an array: where it, its value, and what follows it begin."""

    kind: int
    start: int
    value: int
    end: int

    @property
    def is_large(self) -> bool:
        """Whether its own parts are unpacked group by group."""
        return self.kind in (_DOCUMENT, _ARRAY) and self.end - self.value > GROUP


class Unpacking:
    """Unpacks documents by the options of a collection; cursor: names that lead to a field that is needed."""

    def __init__(self, options: CodecOptions[dict[str, Any]], cursor: Sequence[str]) -> None:
        self._options = options
        self._cursor = cursor

    def record(self, document: RawBSONDocument) -> dict[str, Any]:
        """A document as JSON has it. Where it is large, its large parts are JSON already."""
        if len(document.raw) <= LARGE:
            return dict(as_json(bson.decode(document.raw, self._options)))
        return self._fields(bytes(document.raw), 0, self._cursor)

    def value(self, document: RawBSONDocument, name: str) -> Any:
        """The value of a field that is there; a dot leads into it."""
        packed, start = bytes(document.raw), 0
        for key in name.split("."):
            found = next(element for element in _elements(packed, start) if _name(packed, element) == key)
            start = found.value
        [value] = self._decoded(packed[found.start : found.end]).values()
        return value

    def _fields(self, packed: bytes, start: int, cursor: Sequence[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for element in _elements(packed, start):
            name = _name(packed, element)
            if not element.is_large:
                fields |= as_json(self._decoded(packed[element.start : element.end]))
            elif element.kind == _DOCUMENT and cursor and name == cursor[0]:
                fields[name] = PartlyPacked(self._fields(packed, element.value, cursor[1:]))
            else:
                fields[name] = JsonText.of(self._json(packed, element.value, element.kind))
        return fields

    def _json(self, packed: bytes, start: int, kind: int) -> Iterator[str]:
        """A document or an array as JSON; start: where it begins."""
        before, after = "{}" if kind == _DOCUMENT else "[]"
        for member in self._members(packed, start, kind):
            yield before
            yield from member
            before = ","
        yield after if before == "," else before + after

    def _members(self, packed: bytes, document: int, kind: int) -> Iterator[Iterator[str]]:
        """Its parts: small ones in groups, each large one by itself."""
        start = end = document + _SIZE
        for element in _elements(packed, document):
            if start < element.start and (element.is_large or element.end - start > GROUP):
                yield self._group(packed[start : element.start], kind)
                start = element.start
            end = element.end
            if element.is_large:
                yield self._large(packed, kind, element)
                start = end
        if start < end:
            yield self._group(packed[start:end], kind)

    def _group(self, elements: bytes, kind: int) -> Iterator[str]:
        # As an array within a document: the names of its elements mean nothing, and may be equal.
        packed = elements if kind == _DOCUMENT else bytes([_ARRAY]) + b"\0" + _document(elements)
        decoded = as_json(self._decoded(packed))
        yield dumped(decoded if kind == _DOCUMENT else decoded[""])[1:-1]

    def _large(self, packed: bytes, kind: int, element: _Element) -> Iterator[str]:
        if kind == _DOCUMENT:
            yield f"{dumped(_name(packed, element))}:"
        yield from self._json(packed, element.value, element.kind)

    def _decoded(self, elements: bytes) -> dict[str, Any]:
        return bson.decode(_document(elements), self._options)


def _document(elements: bytes) -> bytes:
    return pack("<i", _SIZE + len(elements) + 1) + elements + b"\0"


def _elements(packed: bytes, document: int) -> Iterator[_Element]:
    """The elements of the document that begins there; of others no copy is made."""
    start = document + _SIZE
    while kind := packed[start]:
        value = packed.index(0, start + 1) + 1
        end = value + _bytes_of(packed, kind, value)
        yield _Element(kind, start, value, end)
        start = end


def _bytes_of(packed: bytes, kind: int, value: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == _REGEX:
        # Two texts, each with an end.
        return packed.index(0, packed.index(0, value) + 1) + 1 - value
    stated: int = unpack_from("<i", packed, value)[0]
    return _STATED[kind] + stated


def _name(packed: bytes, element: _Element) -> str:
    return packed[element.start + 1 : element.value - 1].decode()
