"""From the bytes of a file to chunks of UTF-8, whatever its compression and encoding."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator

_GZIP = 16 + zlib.MAX_WBITS  # zlib's window bits for a gzip header and trailer
_OUTPUT_BYTES = 1 << 20
_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = codecs.BOM_UTF8
_MARKS = re.compile(rb"(?<=\n)(?:\xef\xbb\xbf|\x00)+")
_HALF_MARKS = (_BYTE_ORDER_MARK[:1], _BYTE_ORDER_MARK[:2])
_HALF_MARK = re.compile(rb"(?<=\n)\xef\xbb?\Z")


class Stream:
    """Chunks of UTF-8; after the last one, `is_cut` says whether the file ended before its content did."""

    def __init__(self, chunks: Iterable[bytes], compression: str, encoding: str) -> None:
        self.is_cut = False
        plain = self._unzip(chunks) if compression == "gzip" else iter(chunks)
        text = plain if encoding == "utf-8" else self._transcode(plain, encoding)
        self._chunks = _without_marks(text)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def _unzip(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Every byte that can be had: of a truncated or damaged file, all up to there; of several
        members, all."""
        inflater = zlib.decompressobj(_GZIP)
        fresh = True
        for chunk in chunks:
            data = chunk
            while data:
                if fresh and not _MAGIC.startswith(data[:2]) and not data.startswith(_MAGIC):
                    return  # padding after the last member
                fresh = False
                try:
                    yield inflater.decompress(data, _OUTPUT_BYTES)
                except zlib.error:
                    self.is_cut = True
                    return
                data = inflater.unconsumed_tail
                if inflater.eof:
                    data, inflater, fresh = inflater.unused_data, zlib.decompressobj(_GZIP), True
        self.is_cut = not fresh

    def _transcode(self, chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
        # Half a surrogate pair passes here and makes its record's UTF-8 invalid: ENCODING, for that record
        # alone.
        decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        pending = decoder.getstate()[0]
        self.is_cut = self.is_cut or bool(pending)


def _without_marks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without byte order marks and zero bytes where a line starts: files that were appended to one another
    have the ones, and preallocated files after a crash the others."""
    before, held = b"\n", b""
    for chunk in chunks:
        text = before + held + chunk
        held = b""
        if b"\x00" in text or _BYTE_ORDER_MARK in text or text.endswith(_HALF_MARKS):
            text = _MARKS.sub(b"", text)
            if half := _HALF_MARK.search(text):
                text, held = text[: half.start()], half.group()
        before = text[-1:]
        yield text[1:]
    yield held
