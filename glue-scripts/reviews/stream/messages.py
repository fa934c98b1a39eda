"""One message of a topic: a line of a file, or a dead letter with its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from reviews.kernel import parsing
from reviews.kernel.parsing import Unreadable
from reviews.splitter.pieces import MAX_RECORD_BYTES

# A value of Confluent's serialisers begins with a zero byte and four bytes of a schema's number.
# "Wire format", Confluent Schema Registry documentation.
_REGISTRY_MARK = b"\x00"
_REGISTRY_BYTES = 5

_BREAKS = bytes.maketrans(b"\n\r", b"  ")


# Whether a value is an object, without reading what is in it.
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Message(NamedTuple):
    offset: int
    at_ms: int
    """The time of the message, since 1970."""
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class DeadLetter:
    message: Message
    reason: str
    detail: str


class Reader:
    """Reads the messages of one stream."""

    def __init__(self, message_key: Sequence[str | int]) -> None:
        """`message_key`: where the key of a message stands in a record of the source; empty: nobody says."""
        self._message_key = message_key

    def read(self, message: Message) -> bytes | DeadLetter:
        """A line (no line end) or a dead letter."""
        value = _without_mark(message.value)
        if value is None:
            return self._deletion(message)
        if len(value) > MAX_RECORD_BYTES:
            return DeadLetter(message, "TOO_LARGE", f"{len(value):,} bytes; {MAX_RECORD_BYTES:,} are read")
        if not _is_object(value):
            [record] = parsing.parse([value])
            if isinstance(record, Unreadable):
                return DeadLetter(message, record.reason, _seen(value))
            if not isinstance(record, dict):
                return DeadLetter(message, "NOT_AN_OBJECT", "the value is JSON, but no object")
        # A line break can only stand between the tokens of a value that is JSON.
        return value.translate(_BREAKS)

    def _deletion(self, message: Message) -> bytes | DeadLetter:
        """A message without a value says that the review of its key was deleted."""
        record = self._identity(message.key)
        if record is None:
            return DeadLetter(
                message,
                "DELETED",
                "a message without a value deletes the review of its key, but the source contract has no"
                " messageKey, or the message no key that can be read",
            )
        return json.dumps({"deleted_review": record, "deleted_at": message.at_ms}).encode()

    def _identity(self, key: bytes | None) -> dict[str, Any] | None:
        """The fields of the review that a key names: the key itself where it is an object (Debezium)."""
        if key is None:
            return None
        try:
            text = key.decode()
        except UnicodeDecodeError:
            return None
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if isinstance(value, dict):
            return value or None
        if not self._message_key or not text:
            return None
        # A key in quotes is that of a JSON serialiser; a number keeps its digits.
        record: Any = value if isinstance(value, str) else text
        for name in reversed(self._message_key):
            record = {str(name): record}
        return dict(record)


def _is_object(value: bytes) -> bool:
    """Whether the value is an object in plain JSON: a tenth of the parser's time, and true of nearly all."""
    try:
        _decode_object(value)
        value.decode()  # the texts within have not been looked at
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _without_mark(value: bytes | None) -> bytes | None:
    """The value without the mark of a schema registry."""
    if value is None or not value.startswith(_REGISTRY_MARK):
        return value
    return value[_REGISTRY_BYTES:]


def _seen(value: bytes) -> str:
    """What kind of bytes the value begins with; never its content."""
    return f"{len(value):,} bytes that are no JSON" if value else "the value has no bytes"
