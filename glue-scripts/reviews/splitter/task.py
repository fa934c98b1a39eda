"""Splits one file into its records, with the splitter for its form."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

import msgspec

from reviews import contracts
from reviews.manifest import SourceFile
from reviews.record_formats import Csv, Xml
from reviews.splitter import (
    archives,
    avro_rows,
    csv_rows,
    documents,
    formats,
    lines,
    parquet_rows,
    python_lists,
    tables,
    xml_elements,
)
from reviews.splitter.archives import ArchiveError, Member
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Begin, Piece, Pieces, piece
from reviews.splitter.unpacking import BombError, DamagedError, unpack

_HEAD_BYTES = 64 << 10
_LINES_TRIED = 5
_ARRAY = re.compile(rb"\s*\[\s*[\[{\]]")
# Python's repr puts keys in apostrophes; some producers deliver both Python dicts and JSON.
_JSON_OBJECT = re.compile(rb'[\s\[]*\{\s*"')
_NOT_UNPACKED = "NOT_UNPACKED"
_BOMB = "it unpacks to far more than any text does; send it in parts"


@dataclass(frozen=True)
class Request:
    """What a splitter must know about a file."""

    number: int
    uri: str
    compression: str
    encoding: str
    layout: str
    syntax: str
    wrapper: contracts.Wrapper | None
    archive: str | None = None
    format: str = "json"
    csv: Csv = field(default_factory=Csv)
    xml: Xml = field(default_factory=Xml)


def request(file: SourceFile, source: contracts.Source) -> Request:
    return Request(
        number=file.number,
        uri=file.uri,
        compression=file.compression,
        encoding=file.encoding,
        layout=file.layout,
        syntax=source.syntax,
        wrapper=file.wrapper or source.wrapper,
        archive=file.archive,
        format=source.format,
        csv=source.csv,
        xml=source.xml,
    )


def split(wanted: Request, chunks: Iterable[bytes]) -> Iterator[Pieces | Begin]:
    """The records of the file with these bytes, in order; an archive is read member by member."""
    if wanted.archive is None:
        return _content(wanted, stream(wanted, chunks), "the file")
    return _archive(wanted, wanted.archive, unpack(chunks, wanted.compression))


def _archive(wanted: Request, archive: str, chunks: Iterable[bytes]) -> Iterator[Pieces | Begin]:
    """An unreadable member, or an unreadable rest of the archive, counts as one record that says why."""
    try:
        for member in archives.members(archive, chunks):
            yield Begin(member.name)
            if member.refusal is not None:
                yield _refused(member.name, member.refusal)
                continue
            ended_early = yield from _member(wanted, member)
            if ended_early and archive == "tar":
                return  # no member can follow
    except ArchiveError as error:
        yield _refused("the archive", str(error))
    except DamagedError:
        yield piece(b"", "TRUNCATED")
    except BombError:
        yield _refused("the archive", _BOMB)


def _member(wanted: Request, member: Member) -> Generator[Pieces, None, bool]:
    """Yields the member's records; returns true if the member was cut off."""
    chunks = iter(member.chunks)
    head = b""
    ended_early = False
    try:
        while len(head) < formats.HEAD_BYTES and (chunk := next(chunks, None)) is not None:
            head += chunk
    except (DamagedError, BombError):
        ended_early = True
    found = formats.of(head)
    if found and found.reader != wanted.format:
        yield _refused(
            member.name,
            f"it is {found.name} inside of an archive; unpack it, and put it as a file of its own",
        )
        return False
    if wanted.format != "json" and _JSON_OBJECT.match(head.removeprefix(BOM_UTF8)):
        yield _refused(
            member.name, f"it begins like JSON, but its contract reads {wanted.format}; send that format"
        )
        return False
    request = as_member(wanted, head)
    text = stream(request, chain([head], chunks))
    if ended_early:
        text.is_cut = True
    yield from _content(request, text, member.name)
    return text.is_cut or text.is_bomb


def as_member(wanted: Request, head: bytes) -> Request:
    """The request for a member of the archive that begins with these bytes."""
    return replace(wanted, archive=None, compression="none", encoding=_encoding(head), layout="any")


def _refused(name: str, why: str) -> Piece:
    return piece(f"{name}: {why}".encode(), _NOT_UNPACKED)


def _encoding(head: bytes) -> str:
    """The encoding, by the byte order mark, or else by the zero bytes of the first two ASCII characters."""
    if head.startswith(b"\xff\xfe") or (head[1:2] == b"\0" and head[3:4] == b"\0" and head[:1] != b"\0"):
        return "utf-16le"
    if head.startswith(b"\xfe\xff") or (head[:1] == b"\0" and head[2:3] == b"\0" and head[1:2] != b"\0"):
        return "utf-16be"
    return "utf-8"


def stream(wanted: Request, chunks: Iterable[bytes], *, keep_marks: bool = False) -> Stream:
    """The text of these bytes; for XML, the bytes of the document.

    keep_marks: keep byte order marks at the start of a line; they are never part of a JSON record.
    """
    encoding = wanted.encoding
    if wanted.format == "xml":
        encoding = "utf-8"  # the document itself declares its encoding
    elif encoding == "utf-8":
        encoding = wanted.csv.encoding
    return Stream(chunks, wanted.compression, encoding, keep_marks=keep_marks or wanted.format != "json")


def _content(wanted: Request, text: Stream, name: str) -> Iterator[Pieces]:
    yield from _by_format(wanted, text)
    if text.is_bomb:
        yield _refused(name, _BOMB)


def _by_format(wanted: Request, text: Stream) -> Iterator[Pieces]:
    if wanted.format == "csv":
        return csv_rows.split(text, wanted.csv)
    if wanted.format == "avro":
        return avro_rows.split(text)
    if wanted.format == "parquet":
        return parquet_rows.split(text)
    if wanted.format == "xml":
        return xml_elements.split(text, wanted.xml)
    return _by_layout(wanted, text)


def _by_layout(wanted: Request, text: Stream) -> Iterator[Pieces]:
    head = text.head(_HEAD_BYTES)
    if python_lists.BEGINS.match(head):
        return python_lists.split(text)
    layout = _layout(head, wanted) if wanted.layout == "any" else wanted.layout
    if layout == "lines" or (wanted.syntax == "python-dict" and not _JSON_OBJECT.match(head)):
        return lines.split(text)
    if layout == "array":
        return documents.split_array(text)
    if layout == "wrapped" and wanted.wrapper is not None:
        if split_table := tables.SPLITTERS.get(wanted.wrapper.holds):
            return split_table(text)
        return documents.split_wrapped(text, wanted.wrapper)
    return documents.split_concatenated(text)


def _layout(head: bytes, wanted: Request) -> str:
    """The layout of a text that register-files has not examined."""
    if _ARRAY.match(head):
        return "array"
    if not head.lstrip().startswith(b"{"):
        return "lines"
    if wanted.wrapper is not None:
        return "wrapped"
    return "lines" if any(map(_is_object, head.split(b"\n")[:_LINES_TRIED])) else "concatenated"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line.strip().removesuffix(b",")), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return line.startswith((b"{'", b"{u'"))
