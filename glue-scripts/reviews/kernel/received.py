"""A rejected record as it was received."""

from __future__ import annotations

import base64
import codecs
from typing import Any

from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece


def columns(piece: Piece, encoding: str, reason: str) -> dict[str, Any]:
    """The columns record, record_base64 and record_bytes of a rejected record."""
    data = piece.data.removeprefix(codecs.BOM_UTF8)
    original = data if encoding == "utf-8" else _encoded(data, encoding)
    kept = data[:KEPT_BYTES] if piece.size > MAX_RECORD_BYTES else data
    return {
        "record": kept.decode("utf-8", "replace"),
        "record_base64": base64.b64encode(original).decode() if reason == "ENCODING" else None,
        "record_bytes": piece.size if len(piece.data) < piece.size else len(original),
    }


def _encoded(data: bytes, encoding: str) -> bytes:
    # This UTF-8 comes from transcoding, including half surrogate pairs, so encoding it back loses nothing.
    return data.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")
