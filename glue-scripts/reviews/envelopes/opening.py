"""Takes parsed records out of their envelopes. A record without an envelope stays unchanged and costs one
check of its keys."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reviews.envelopes import contract, notations
from reviews.envelopes.contract import Deletion, Envelope, Path
from reviews.kernel import parsing
from reviews.kernel.parsing import Deleted, Unreadable

_DEEPEST = 4  # Kafka Connect around Debezium around change-capture columns, and one spare level
_DELETED = "DELETED"


class Opener:
    """Opens envelopes; finds them by their keys."""

    def __init__(self) -> None:
        self._envelopes = contract.load()
        self._markers = frozenset().union(*(envelope.any_of for envelope in self._envelopes))

    def open(self, records: Sequence[bytes], values: list[Any]) -> None:
        """Replaces each of `values`, parsed from `records`, with the content of its envelope.

        A deletion becomes `Deleted`; a text that is not JSON becomes `Unreadable`.
        """
        is_plain = self._markers.isdisjoint
        for place, (record, value) in enumerate(zip(records, values, strict=True)):
            if type(value) is dict and not is_plain(value):
                values[place] = value = self._opened(value, _DEEPEST)
            # Keys of MongoDB's extended JSON begin with $, and few others do; a search for one byte is fast.
            if b"$" in record and b'"$' in record:
                # The nesting is too deep for any database: the value stays as it is.
                with contextlib.suppress(RecursionError):
                    values[place] = _plain(value)

    def _opened(self, value: dict[str, Any], depth: int) -> Any:
        envelope = next((each for each in self._envelopes if each.is_around(value)), None)
        if envelope is None:
            return value
        if envelope.deletion is not None and envelope.deletion.when.holds(value):
            return _deleted(envelope, envelope.deletion, value)
        inner = _inner(envelope, value, envelope.record)
        if type(inner) is not dict or depth == 0 or self._markers.isdisjoint(inner):
            return inner
        return self._opened(inner, depth - 1)


def _plain(value: Any) -> Any:
    """The value without MongoDB's types."""
    if isinstance(value, Deleted):
        return replace(value, record=notations.from_extended_json(value.record))
    return notations.from_extended_json(value)


def _deleted(envelope: Envelope, deletion: Deletion, value: dict[str, Any]) -> Unreadable:
    places = deletion.records or (envelope.record,)
    records = (_inner(envelope, value, place) for place in places)
    record = next((found for found in records if type(found) is dict and found), None)
    if record is None:
        return Unreadable(_DELETED)
    at = next((found for path in deletion.at if (found := contract.at(value, path)) is not None), None)
    return Deleted(_DELETED, record, None if at is None else str(at), deletion.reason)


def _inner(envelope: Envelope, value: dict[str, Any], place: Path | None) -> Any:
    if place is None:
        return {key: inner for key, inner in value.items() if key not in envelope.own}
    inner = contract.at(value, place)
    if type(inner) is str:
        [inner] = parsing.parse([inner.encode("utf-8", "surrogatepass")])
    return notations.from_dynamodb(inner) if envelope.notation == "dynamodb" else inner
