"""The container of Apache Avro: a header with the schema, then blocks of rows with a mark after each.

"Object Container Files", Apache Avro Specification. After damage a reader continues at the next mark.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa

MAGIC = b"Obj\x01"
MARK_BYTES = 16
MAX_BLOCK_BYTES = 64 << 20
"""Limit of a block, packed and unpacked. Writers begin a new block after about 64 KiB."""


class EndError(Exception):
    """The file ends in the middle of a value or block."""


class DamagedError(Exception):
    """The bytes here are not a valid block."""


@dataclass(frozen=True)
class Block:
    rows: int
    packed_bytes: int
    data: bytes


class Bytes:
    """The file's bytes, in order; the bytes since `mark` can be read again."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()
        self._at = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes.

        Raises:
            EndError: there are fewer.
            DamagedError: no Avro writer writes anything of this size.
        """
        if not 0 <= size <= MAX_BLOCK_BYTES:
            raise DamagedError
        while len(self._held) < self._at + size:
            if not self._more():
                raise EndError
        self._at += size
        return bytes(self._held[self._at - size : self._at])

    def long(self) -> int:
        """A number in Avro's encoding: seven bits per byte, lowest first, with the sign in the lowest bit."""
        number = 0
        for shift in range(0, 70, 7):
            byte = self.read(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
        raise DamagedError

    def since_mark(self) -> bytes:
        """The bytes that were read since `mark`."""
        return bytes(self._held[: self._at])

    def is_at_end(self) -> bool:
        return self._at == len(self._held) and not self._more()

    def mark(self) -> None:
        """Drops the bytes that were read so far."""
        del self._held[: self._at]
        self._at = 0

    def skip_past(self, what: bytes) -> bool:
        """Moves past the next occurrence of these bytes, after the first byte since `mark`.

        Without such an occurrence it moves to the end and returns false.
        """
        start = 1
        while (found := self._held.find(what, start)) < 0:
            kept = max(start, len(self._held) - len(what) + 1)
            del self._held[:kept]
            start = 0
            if not self._more():
                self._at = len(self._held)
                return False
        self._at = found + len(what)
        self.mark()
        return True

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._held += chunk
        return True


def block(source: Bytes, codec: str, mark: bytes) -> Block:
    """The next block.

    Raises:
        EndError: the file ends inside it.
        DamagedError: the bytes are not a valid block.
    """
    source.mark()
    rows, size = source.long(), source.long()
    data = source.read(size)
    if rows < 0 or source.read(MARK_BYTES) != mark:
        raise DamagedError
    return Block(rows, size, _unpacked(data, codec))


def written(rows: int, data: bytes, codec: str, mark: bytes) -> bytes:
    """The bytes of a block with this number of rows, which are `data`."""
    packed = CODECS[codec].pack(data)
    return _long(rows) + _long(len(packed)) + packed + mark


def _long(number: int) -> bytes:
    """Encodes a number that is not negative; `Bytes.long` decodes it."""
    written = bytearray()
    rest = number << 1
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*written, rest])


def _unpacked(data: bytes, codec: str) -> bytes:
    try:
        plain = CODECS[codec].unpack(data)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, pa.ArrowException) as error:
        raise DamagedError from error
    if len(plain) > MAX_BLOCK_BYTES:
        raise DamagedError
    return plain


def _deflate(data: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, MAX_BLOCK_BYTES + 1)


def _bzip2(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, MAX_BLOCK_BYTES + 1)


def _xz(data: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(data, MAX_BLOCK_BYTES + 1)


def _zstandard(data: bytes) -> bytes:
    with pa.input_stream(pa.py_buffer(data), compression="zstd") as plain:
        return bytes(plain.read(MAX_BLOCK_BYTES + 1))


def _snappy(data: bytes) -> bytes:
    """Snappy data begins with its unpacked size; Avro appends a four-byte checksum of that data."""
    size = 0
    for shift, byte in zip(range(0, 35, 7), data, strict=False):
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    if size > MAX_BLOCK_BYTES:
        raise DamagedError
    plain: bytes = pa.decompress(data[:-4], size, "snappy", asbytes=True)
    if zlib.crc32(plain) != int.from_bytes(data[-4:], "big"):
        raise DamagedError
    return plain


@dataclass(frozen=True)
class Codec:
    unpack: Callable[[bytes], bytes]
    """Returns at most one byte more than the limit of a block."""
    pack: Callable[[bytes], bytes]


def _pack_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _pack_snappy(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, "snappy", asbytes=True)
    return packed + zlib.crc32(data).to_bytes(4, "big")


def _pack_zstandard(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, "zstd", asbytes=True)
    return packed


CODECS = {
    "null": Codec(bytes, bytes),
    "deflate": Codec(_deflate, _pack_deflate),
    "bzip2": Codec(_bzip2, bz2.compress),
    "xz": Codec(_xz, lzma.compress),
    "zstandard": Codec(_zstandard, _pack_zstandard),
    "snappy": Codec(_snappy, _pack_snappy),
}
"""The codecs of a block, by Avro's name."""
