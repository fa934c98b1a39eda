"""From the bytes of a file to chunks of UTF-8, whatever its compression and encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from reviews.splitter.unpacking import BombError, DamagedError, unpack

_BYTE_ORDER_MARK = codecs.BOM_UTF8
_MARKS = re.compile(rb"(?<=\n)(?:\xef\xbb\xbf|\x00)+")
_HALF_MARKS = (_BYTE_ORDER_MARK[:1], _BYTE_ORDER_MARK[:2])
_HALF_MARK = re.compile(rb"(?<=\n)\xef\xbb?\Z")


class Stream:
    """Chunks of UTF-8; after the last one, `is_cut` says whether the file ended before its content did, and
    `is_bomb` whether it was given up because it unpacks to more than any text."""

    def __init__(
        self, chunks: Iterable[bytes], compression: str, encoding: str, *, keep_marks: bool = False
    ) -> None:
        self.is_cut = False
        self.is_bomb = False
        plain = self._unpacked(chunks, compression)
        text = plain if encoding == "utf-8" else self._transcode(plain, encoding)
        # Where a line may begin inside of a text, or the bytes are no text, a mark is content.
        self._chunks: Iterator[bytes] = text if keep_marks else _without_marks(text)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def _unpacked(self, chunks: Iterable[bytes], compression: str) -> Iterator[bytes]:
        try:
            yield from unpack(chunks, compression)
        except DamagedError:
            self.is_cut = True
        except BombError:
            self.is_bomb = True

    def head(self, size: int) -> bytes:
        """The first bytes, which are read again afterwards."""
        read: list[bytes] = []
        while sum(map(len, read)) < size and (chunk := next(self._chunks, None)) is not None:
            read.append(chunk)
        self._chunks = chain(read, self._chunks)
        return b"".join(read)[:size]

    def _transcode(self, chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
        # Half a surrogate pair, or a byte that stands for nothing, passes here and makes its record's UTF-8
        # invalid: ENCODING, for that record alone.
        errors = "surrogatepass" if encoding.startswith("utf") else "surrogateescape"
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", errors)
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
