"""A list of records and the answers that an API gives about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

type Record = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call: its path, its parameters, its headers (names in small letters) and what it posts: a form, or a
    JSON document."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """status, body (bytes as they are, else JSON) and headers.

    announced: bytes that the header promises; the connection is cut after the body if there are fewer.
    """

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None

    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


# Answers a call, or None where the path is not of this service.
type Service = Callable[[Request], Answer | None]

NOT_FOUND = Answer({"error": "no such path"}, status=404)


def newest_first(records: list[Record], key: str) -> list[Record]:
    """The records by a time, the newest first, as lists of reviews are given out."""
    return sorted(records, key=lambda record: record[key], reverse=True)
