"""One file in, its records out, by the splitter for its form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviews import contracts
from reviews.manifest import SourceFile
from reviews.splitter import documents, lines, tables
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Pieces


@dataclass(frozen=True)
class Request:
    """What has to be known of a file to split it."""

    number: int
    uri: str
    compression: str
    encoding: str
    layout: str
    syntax: str
    wrapper: contracts.Wrapper | None


def request(file: SourceFile, source: contracts.Source) -> Request:
    return Request(
        number=file.number,
        uri=file.uri,
        compression=file.compression,
        encoding=file.encoding,
        layout=file.layout,
        syntax=source.syntax,
        wrapper=file.wrapper or source.wrapper,
    )


def split(wanted: Request, chunks: Iterable[bytes]) -> Iterator[Pieces]:
    """The records of the file with these bytes, in order."""
    stream = Stream(chunks, wanted.compression, wanted.encoding)
    if wanted.layout == "lines" or wanted.syntax == "python-dict":
        return lines.split(stream)
    if wanted.layout == "array":
        return documents.split_array(stream)
    if wanted.layout == "wrapped" and wanted.wrapper is not None:
        if split_table := tables.SPLITTERS.get(wanted.wrapper.holds):
            return split_table(stream)
        return documents.split_wrapped(stream, wanted.wrapper)
    return documents.split_concatenated(stream)
