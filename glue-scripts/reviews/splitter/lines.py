"""One record per line; the lines of a whole chunk are split at once."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece, Pieces, piece


def split(stream: Stream) -> Iterator[Pieces]:
    """The lines that are not blank. A last line that is not a complete value is TRUNCATED."""
    rest = b""
    dropped = 0
    for chunk in stream:
        head, *lines = chunk.split(b"\n")
        rest += head
        if lines:
            if dropped:
                yield Piece(rest[:KEPT_BYTES], dropped + len(rest), "TOO_LARGE")
                lines_done, dropped = [], 0
            else:
                lines_done = [rest]
            rest = lines.pop()
            yield from _whole(lines_done + lines)
        if len(rest) > MAX_RECORD_BYTES:
            # The line continues: the reject needs only its start, so the rest is only counted.
            dropped += len(rest) - KEPT_BYTES
            rest = rest[:KEPT_BYTES]
    if dropped:
        yield Piece(rest[:KEPT_BYTES], dropped + len(rest), "TOO_LARGE")
        rest = b""
    yield from _last(_trimmed(rest.strip(b" \t\r")), stream.is_cut)


def _whole(lines: list[bytes]) -> Iterator[Pieces]:
    records = [line if line.endswith(b"}") else _trimmed(line) for line in lines if line.strip()]
    if records:
        yield records


def _trimmed(line: bytes) -> bytes:
    """Removes the CR of a line end, and the comma after a record (an array without brackets)."""
    ended = line.removesuffix(b"\r")
    bare = ended.rstrip(b" \t")
    return bare.removesuffix(b",") if bare.endswith(b"},") else ended


def _last(line: bytes, is_cut: bool) -> Iterator[Pieces]:
    if line and _is_value(line):
        yield [line]
        if is_cut:
            yield piece(b"", "TRUNCATED")
    elif line or is_cut:
        yield piece(line, "TRUNCATED")


def _is_value(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    for parse in (json.loads, ast.literal_eval):
        try:
            parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return True
    return False
