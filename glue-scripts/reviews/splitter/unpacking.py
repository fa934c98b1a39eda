"""Decompresses a stream of bytes; for a truncated or damaged file, up to the damage."""

from __future__ import annotations

import bz2
import io
import zlib
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

_GZIP = 16 + zlib.MAX_WBITS  # zlib's window bits for a gzip header and trailer
_OUTPUT_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_BZIP2_MAGIC = b"BZh"

# JSON shrinks to a fiftieth of its size at most; a file far beyond that was made to fill a disk.
_SUSPICIOUS_BYTES = 256 << 20
_MOST_RATIO = 250


class DamagedError(Exception):
    """The compressed bytes end early, or are invalid from here on."""


class BombError(Exception):
    """The bytes unpack to far more than any text would."""


def unpack(chunks: Iterable[bytes], compression: str) -> Iterator[bytes]:
    """The decompressed bytes of `chunks`, a few MiB at a time at most.

    Raises:
        DamagedError: after all bytes that can be decompressed.
        BombError: the output is far too large for the input.
    """
    packed, unpacked = 0, 0

    def counted() -> Iterator[bytes]:
        nonlocal packed
        for chunk in chunks:
            packed += len(chunk)
            yield chunk

    for chunk in _READERS[compression](counted()):
        unpacked += len(chunk)
        if is_out_of_proportion(unpacked, packed):
            raise BombError
        yield chunk


def is_out_of_proportion(unpacked: int, packed: int) -> bool:
    """Whether the ratio shows a decompression bomb, made to fill a disk."""
    return unpacked > max(_SUSPICIOUS_BYTES, _MOST_RATIO * packed)


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompresses all members of the file."""
    inflater = zlib.decompressobj(_GZIP)
    fresh = True
    for chunk in chunks:
        data = chunk
        while data:
            if fresh and not _GZIP_MAGIC.startswith(data[:2]) and not data.startswith(_GZIP_MAGIC):
                return  # padding after the last member
            fresh = False
            try:
                yield inflater.decompress(data, _OUTPUT_BYTES)
            except zlib.error as error:
                raise DamagedError from error
            data = inflater.unconsumed_tail
            if inflater.eof:
                data, inflater, fresh = inflater.unused_data, zlib.decompressobj(_GZIP), True
    if not fresh:
        raise DamagedError


def _bzip2(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompresses all streams of the file (pbzip2 writes one per block)."""
    inflater = bz2.BZ2Decompressor()
    fresh = True
    for chunk in chunks:
        data = chunk
        while data or not (inflater.needs_input or inflater.eof):
            if fresh and not _BZIP2_MAGIC.startswith(data[:3]) and not data.startswith(_BZIP2_MAGIC):
                return
            fresh = False
            try:
                yield inflater.decompress(data, _OUTPUT_BYTES)
            except (OSError, ValueError) as error:
                raise DamagedError from error
            data = b""
            if inflater.eof:
                data, inflater, fresh = inflater.unused_data, bz2.BZ2Decompressor(), True
    if not fresh:
        raise DamagedError


class _Raw(io.RawIOBase):
    """Chunks as a file that Arrow reads; keeps their error, because Arrow would replace it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            try:
                self._rest = next(self._chunks)
            except StopIteration:
                return b""
            except Exception as error:
                self.failure = error
                raise
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _zstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompresses all frames of the file. Arrow applies Zstandard's own window limit, 128 MiB."""
    raw = _Raw(chunks)
    stream = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
    while True:
        try:
            found = stream.read(_OUTPUT_BYTES)
        except (OSError, pa.ArrowException) as error:
            if raw.failure is not None:
                raise raw.failure from None
            raise DamagedError from error
        if not found:
            return
        yield found


_READERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "none": iter,
    "gzip": _gzip,
    "zstd": _zstd,
    "bzip2": _bzip2,
}
