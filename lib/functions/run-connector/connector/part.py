"""The records of one object: JSON Lines, gzip."""

import zlib
from hashlib import blake2b
from io import BytesIO
from typing import Any

from connector.json_text import encoded

# Text of an object, which is cut at the next end of a page: little memory, and no small files (bytes).
PART_BYTES = 64 * 1024**2

# "zlib-compatible compression": a window of 32 KB, with the header of gzip.
_GZIP = 31


def digest_of(record: Any) -> bytes:
    """What tells a record from every other one, whatever the order of its fields."""
    digest = blake2b(digest_size=8)
    for piece in encoded(record, sort_keys=True):
        digest.update(piece)
    return digest.digest()


class Part:
    """An object in the making."""

    def __init__(self) -> None:
        self.records = 0
        self._bytes = 0
        # A gzip header of zlib's own holds no time and no name: equal records are equal bytes.
        self._gzip = zlib.compressobj(wbits=_GZIP)
        # Its value is what it holds, not a copy of that, as a joined list would be.
        self._body = BytesIO()

    @property
    def is_full(self) -> bool:
        """Whether it should be stored."""
        return self._bytes >= PART_BYTES

    def add(self, record: Any) -> None:
        """Add a record as a line."""
        for piece in encoded(record):
            self._write(piece)
        self._write(b"\n")
        self.records += 1

    def _write(self, piece: bytes) -> None:
        self._body.write(self._gzip.compress(piece))
        self._bytes += len(piece)

    def body(self) -> bytes | None:
        """The object; None where there is no record. Call it once."""
        if not self.records:
            return None
        self._body.write(self._gzip.flush())
        return self._body.getvalue()
