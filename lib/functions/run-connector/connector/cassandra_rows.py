"""The rows of a page as records: each is unpacked when it is asked for, since its parts may be very many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from cassandra.cqltypes import FrozenType, ListType, MapType, SetType, TupleType, UserType
from cassandra.marshal import int32_unpack

from connector.cassandra_values import as_json, name_of
from connector.json_text import GROUP, LARGE, JsonText, dumped

# Bytes of a part's size, and of a collection's number of parts. "Native Protocol", Apache Cassandra.
_SIZE = 4

_PARTED = (ListType, SetType, MapType, TupleType)


class Rows:
    """The rows of a page, by the names of their columns.

    kinds: the types of the columns; version: of the protocol.
    """

    def __init__(
        self, packed: Sequence[dict[str, bytes | None]], kinds: dict[str, Any], version: int
    ) -> None:
        self._packed = packed
        self._kinds = kinds
        self._version = version

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._packed:
            yield {name: self._value(self._kinds[name], packed) for name, packed in row.items()}

    @property
    def size(self) -> int:
        """Bytes of their values."""
        return sum(len(packed or b"") for row in self._packed for packed in row.values())

    def without(self, name: str) -> int:
        """How many have no value in a column."""
        return sum(not row[name] for row in self._packed)

    def _value(self, kind: Any, packed: bytes | None) -> Any:
        if packed is not None and len(packed) > LARGE and issubclass(_thawed(kind), _PARTED):
            return JsonText.of(self._json(kind, packed))
        return as_json(kind.from_binary(packed, self._version))

    def _json(self, kind: Any, packed: bytes | None) -> Iterator[str]:
        """A value as JSON, unpacked part by part where it is large."""
        kind = _thawed(kind)
        if packed is None or len(packed) <= GROUP or not issubclass(kind, _PARTED):
            yield dumped(as_json(kind.from_binary(packed, self._version)))
            return
        before, after = "{}" if issubclass(kind, (MapType, UserType)) else "[]"
        for name, part, value in self._parts(kind, packed):
            yield before + name
            yield from self._json(part, value)
            before = ","
        yield after

    def _parts(self, kind: Any, packed: bytes) -> Iterator[tuple[str, Any, bytes | None]]:
        """What stands before each part, its type and its value."""
        if issubclass(kind, TupleType):
            fields = kind.fieldnames if issubclass(kind, UserType) else ()
            names = [f"{dumped(name)}:" for name in fields] or repeat("")
            # Fields that were added later are not there.
            yield from zip(names, kind.subtypes, chain(_cells(packed, 0), repeat(None)), strict=False)
            return
        *keys, part = kind.subtypes
        cells = _cells(packed, _SIZE)
        for cell in cells:
            if not keys:
                yield "", part, cell
                continue
            name = name_of(keys[0].from_binary(cell, self._version))
            yield f"{dumped(name)}:", part, next(cells)


def _thawed(kind: Any) -> Any:
    return _thawed(kind.subtypes[0]) if issubclass(kind, FrozenType) else kind


def _cells(packed: bytes, start: int) -> Iterator[bytes | None]:
    while start < len(packed):
        size = int32_unpack(packed[start : start + _SIZE])
        start += _SIZE
        yield packed[start : start + size] if size >= 0 else None
        start += max(size, 0)
