"""Converts the bytes of a file to chunks of UTF-8, for any compression and encoding."""

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
    """Chunks of UTF-8. After the last one, `is_cut` says whether the file was cut off, and `is_bomb` whether
    reading stopped because the file unpacks to more than any text would."""

    def __init__(
        self, chunks: Iterable[bytes], compression: str, encoding: str, *, keep_marks: bool = False
    ) -> None:
        self.is_cut = False
        self.is_bomb = False
        plain = self._unpacked(chunks, compression)
        text = plain if encoding == "utf-8" else self._transcode(plain, encoding)
        # In formats with line breaks inside values, or in binary formats, a mark is content.
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
        """The first bytes; later reads return them again."""
        read: list[bytes] = []
        while sum(map(len, read)) < size and (chunk := next(self._chunks, None)) is not None:
            read.append(chunk)
        self._chunks = chain(read, self._chunks)
        return b"".join(read)[:size]

    def _transcode(self, chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
        # Half a surrogate pair, or an undefined byte, passes here and makes the UTF-8 of its record invalid:
        # only that record is rejected, with ENCODING.
        errors = "surrogatepass" if encoding.startswith("utf") else "surrogateescape"
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", errors)
        pending = decoder.getstate()[0]
        self.is_cut = self.is_cut or bool(pending)


def _without_marks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Removes byte order marks and zero bytes at the start of a line. Concatenated files contain such marks;
    preallocated files contain such zero bytes after a crash."""
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
