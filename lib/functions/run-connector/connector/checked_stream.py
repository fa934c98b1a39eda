"""An object's content as it is read, held to the checksum that its service states."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import google_crc32c

from connector.budget import Budget
from connector.objects_source import DifferentError, SourceObject

_DIGESTS: dict[str, Callable[[], Any]] = {
    "crc32c": google_crc32c.Checksum,
    "md5": partial(hashlib.md5, usedforsecurity=False),
}


class OutOfTimeError(Exception):
    """The function would end before the object was stored."""


class CheckedStream:
    """Reads chunks like a file.

    Only a call of `read` that gives less than it was asked for ends the stream, and it does so after all
    has been compared: whoever stores what was read stores nothing that differs.
    """

    def __init__(self, chunks: Iterator[bytes], found: SourceObject, budget: Budget) -> None:
        self._chunks = chunks
        self._found = found
        self._budget = budget
        self._buffer = bytearray()
        self._digest = _DIGESTS[found.algorithm]()
        self._size = 0
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes: as many as asked for, or the rest. Raises DifferentError and OutOfTimeError."""
        while not self._ended and (size < 0 or len(self._buffer) < size):
            self._fill()
        taken = len(self._buffer) if size < 0 else size
        given = bytes(self._buffer[:taken])
        del self._buffer[:taken]
        return given

    def _fill(self) -> None:
        if self._budget.time_spent:
            raise OutOfTimeError
        chunk = next(self._chunks, None)
        if chunk is not None:
            self._digest.update(chunk)
            self._size += len(chunk)
            self._buffer += chunk
            return
        self._ended = True
        same = self._found.checksum is None or self._digest.digest() == self._found.checksum
        if self._size != self._found.size or not same:
            raise DifferentError
