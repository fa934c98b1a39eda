"""Values of Cassandra as JSON has them.

A text is a text; so are uuid, inet, decimal, duration, date and time. A timestamp is a text in UTC, a blob
Base64. A list, set, tuple or vector is a list; a map and a user-defined type are objects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cassandra.cqltypes import DateType
from cassandra.marshal import int64_unpack
from cassandra.protocol import ResultMessage, _ProtocolHandler, read_int
from cassandra.util import sortedset

from connector import sql_values


def as_json(value: Any) -> Any:
    """A value that JSON can hold, without losing any of it."""
    match value:
        case tuple() if hasattr(value, "_asdict"):
            return {name: as_json(found) for name, found in value._asdict().items()}
        case Mapping():
            return {name_of(key): as_json(found) for key, found in value.items()}
        case list() | tuple() | set() | frozenset() | sortedset():
            return [as_json(found) for found in value]
        case _:
            return sql_values.as_json(value)


def name_of(key: Any) -> str:
    """A map's key as JSON can have it."""
    plain = as_json(key)
    return plain if isinstance(plain, str) else json.dumps(plain)


class _Moment(DateType):  # type: ignore[misc]  # the driver has no types
    """A time that Python has no value for stays what the database keeps: milliseconds since 1970, as a text.

    One such value would else make a whole page unreadable.
    """

    @staticmethod
    def deserialize(byts: bytes, protocol_version: int) -> Any:
        try:
            return DateType.deserialize(byts, protocol_version)
        except (OverflowError, ValueError):
            return str(int64_unpack(byts))


class _Results(ResultMessage):  # type: ignore[misc]
    """Leaves values packed: those of a whole page may take many times its size."""

    type_codes = {  # noqa: RUF012 (as the driver has it)
        code: _Moment if found is DateType else found for code, found in ResultMessage.type_codes.items()
    }

    def recv_results_rows(
        self, f: Any, _version: int, user_types: Any, result_metadata: Any, _encryption: Any
    ) -> None:
        self.recv_results_metadata(f, user_types)
        columns = self.column_metadata or result_metadata
        self.column_names = [name for _, _, name, _ in columns]
        self.column_types = [kind for _, _, _, kind in columns]
        self.parsed_rows = [self.recv_row(f, len(columns)) for _ in range(read_int(f))]


class Values(_ProtocolHandler):  # type: ignore[misc]
    """How a session reads values. "Custom Protocol Handlers", documentation of the driver."""

    message_types_by_opcode = {  # noqa: RUF012
        **_ProtocolHandler.message_types_by_opcode,
        _Results.opcode: _Results,
    }
