"""Rewrites a file without some of its records: the others stay byte for byte, in the same form."""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import mmap
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from reviews import storage
from reviews.erasure import archived, cuts, rows
from reviews.erasure.cuts import Span
from reviews.errors import JobError
from reviews.splitter import avro_rows, csv_rows, tables, task, xml_elements
from reviews.splitter.avro_blocks import DamagedError as DamagedAvroError
from reviews.splitter.avro_blocks import EndError
from reviews.splitter.avro_types import SchemaError
from reviews.splitter.pieces import Piece, Pieces
from reviews.splitter.task import Request
from reviews.splitter.unpacking import BombError, DamagedError, unpack

_AT_A_TIME = 1 << 20


class RefusedError(JobError):
    """The file cannot be rewritten without the records and otherwise unchanged; the text says why."""


def rewrite(wanted: Request, path: Path, numbers: Set[int], target: Path, folder: Path) -> None:
    """Writes the file to `target` without the records of these numbers (from 0); `folder` is for temporary
    files.

    The caller must read the result and check that it contains exactly the other records.

    Raises:
        RefusedError: the form of the file does not allow it.
    """
    if wanted.archive is not None:
        plain = folder / "archive"
        _write(plain, "none", _unpacked(path, wanted.compression))
        without = folder / "rewritten"
        try:
            archived.rewrite(wanted, plain, numbers, without, rewrite)
        except archived.UnreadableError as error:
            raise RefusedError(str(error)) from error
        _write(target, wanted.compression, storage.read_chunks(str(without)))
        return
    if wanted.format == "parquet":
        plain = folder / "rows"
        _write(plain, "none", _unpacked(path, wanted.compression))
        rows.without_rows(plain, numbers, folder / "rewritten")
        _write(target, wanted.compression, storage.read_chunks(str(folder / "rewritten")))
        return
    if wanted.format == "avro":
        try:
            _write(
                target,
                wanted.compression,
                avro_rows.without_rows(_unpacked(path, wanted.compression), numbers),
            )
        except (SchemaError, DamagedAvroError, EndError) as error:
            raise RefusedError("not all rows of the Avro file can be read") from error
        return
    text = folder / "text"
    _write(text, "none", _text(wanted, path))
    encoding = _encoding(wanted)
    again = _encoded(storage.read_chunks(str(text)), encoding)
    if encoding != "utf-8" and _digest(again) != _digest(_unpacked(path, wanted.compression)):
        raise RefusedError(f"some of its bytes are not valid {encoding} and would change when rewritten")
    _write(target, wanted.compression, _encoded(_edited(wanted, path, text, numbers), encoding))


def _unpacked(path: Path, compression: str) -> Iterator[bytes]:
    """The unpacked bytes of the file; for a damaged file, up to the damage."""
    try:
        yield from unpack(storage.read_chunks(str(path)), compression)
    except DamagedError:
        return
    except BombError as error:
        raise RefusedError("it unpacks to far more than any text does") from error


def _text(wanted: Request, path: Path) -> Iterator[bytes]:
    text = task.stream(wanted, storage.read_chunks(str(path)), keep_marks=True)
    yield from text
    if text.is_bomb:
        raise RefusedError("it unpacks to far more than any text does")


def _encoding(wanted: Request) -> str:
    if wanted.format == "xml":
        return "utf-8"  # its bytes stay unchanged
    return wanted.csv.encoding if wanted.encoding == "utf-8" else wanted.encoding


def _encoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Converts UTF-8 from `bytestream` back to the file's encoding."""
    if encoding == "utf-8":
        yield from chunks
        return
    errors = "surrogatepass" if encoding.startswith("utf") else "surrogateescape"
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    for chunk in chunks:
        yield decoder.decode(chunk).encode(encoding, errors)


def _edited(wanted: Request, path: Path, text: Path, numbers: Set[int]) -> Iterator[bytes]:
    holds = wanted.wrapper.holds if wanted.wrapper and wanted.layout == "wrapped" else ""
    if without := tables.WITHOUT.get(holds):
        yield without(text.read_bytes(), numbers)
        return
    with text.open("rb") as stream, closing(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)) as bytes_:
        spans = [span for number, span in enumerate(_spans(wanted, path, bytes_)) if number in numbers]
        for begin, end in cuts.kept(bytes_, spans, separated=wanted.format == "json"):
            for at in range(begin, end, _AT_A_TIME):
                yield bytes_[at : min(at + _AT_A_TIME, end)]


def _spans(wanted: Request, path: Path, text: mmap.mmap) -> Iterator[Span]:
    """The position of each record, in order."""
    chunks = storage.read_chunks(str(path))
    before = 0
    if wanted.format == "xml":
        for found in xml_elements.located(task.stream(wanted, chunks), wanted.xml):
            end = text.find(b">", found.end) + 1
            # In little-endian UTF-16, the bracket has one more byte.
            end += text[:2] == codecs.BOM_UTF16_LE
            yield Span(found.begin, end, before)
            before = end
        return
    for number, (data, size) in enumerate(_originals(wanted, chunks), 1):
        begin = text.find(data, before)
        if begin < 0:
            raise RefusedError(f"record {number} is not in the file in the form in which it was read")
        yield Span(begin, begin + size, before)
        before = begin + size


def _originals(wanted: Request, chunks: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """The original bytes of each record, as far as they are kept, and the record's full length."""
    if wanted.format == "csv":
        for _, original in csv_rows.one_by_one(task.stream(wanted, chunks), wanted.csv):
            yield original, len(original)
        return
    for pieces in task.split(wanted, chunks):
        yield from _each(pieces)  # type: ignore[arg-type]


def _each(pieces: Pieces) -> Iterator[tuple[bytes, int]]:
    if isinstance(pieces, Piece):
        yield pieces.data, pieces.size
    else:
        yield from ((data, len(data)) for data in pieces)


def _digest(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _gzip(target: Path) -> Iterator[gzip.GzipFile]:
    # No name and no time in the header, so that the same records always give the same file.
    with target.open("wb") as stream, gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
        yield packed


_WRITERS: dict[str, Callable[[Path], Any]] = {
    "none": lambda target: target.open("wb"),
    "gzip": _gzip,
    "bzip2": lambda target: bz2.BZ2File(target, "wb"),
    "zstd": lambda target: pa.CompressedOutputStream(str(target), "zstd"),
}


def _write(target: Path, compression: str, chunks: Iterable[bytes]) -> None:
    with _WRITERS[compression](target) as stream:
        for chunk in chunks:
            stream.write(chunk)
