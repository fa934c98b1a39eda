"""One file in, rows of its records out: what the executors run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from reviews import contracts
from reviews.manifest import SourceFile
from reviews.splitter import documents, lines
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES, Piece, Pieces
from reviews.splitter.python_dict import to_json

_ARROW = pa.schema(
    {
        "file_no": pa.int32(),
        "split_start": pa.int64(),
        "row_id": pa.int64(),
        "record_text": pa.string(),
        "original": pa.string(),
        "invalid_bytes": pa.binary(),
        "record_bytes": pa.int64(),
        "problem": pa.string(),
    }
)
_BATCH_BYTES = 8 * 1024 * 1024  # bounds a task's memory; Arrow's overhead per batch is then small
_BATCH_ROWS = 10_000


@dataclass(frozen=True)
class Request:
    """What an executor has to know of one file."""

    number: int
    uri: str
    compression: str
    encoding: str
    layout: str
    syntax: str
    wrapper: contracts.Wrapper | None


def request(file: SourceFile, source: contracts.Source) -> Request:
    return Request(
        file.number, file.uri, file.compression, file.encoding, file.layout, source.syntax, source.wrapper
    )


def rows(wanted: Request, chunks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """The records of one file, in order, in batches of bounded size."""
    batch = _Batch(wanted)
    for found in split(wanted, chunks):
        for record in found if isinstance(found, list) else [found]:
            batch.add(record)
            if batch.is_full:
                yield batch.take()
    if batch.columns["row_id"]:
        yield batch.take()


def split(wanted: Request, chunks: Iterable[bytes]) -> Iterator[Pieces]:
    stream = Stream(chunks, wanted.compression, wanted.encoding)
    if wanted.layout == "lines" or wanted.syntax == "python-dict":
        return lines.split(stream)
    if wanted.layout == "array":
        return documents.split_array(stream)
    if wanted.layout == "wrapped" and wanted.wrapper is not None:
        return documents.split_wrapped(stream, wanted.wrapper)
    return documents.split_concatenated(stream)


@dataclass
class _Batch:
    wanted: Request
    number: int = 0
    size: int = 0
    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _ARROW.names})

    @property
    def is_full(self) -> bool:
        return self.size >= _BATCH_BYTES or len(self.columns["row_id"]) >= _BATCH_ROWS

    def add(self, record: bytes | Piece) -> None:
        self.number += 1
        found = record if isinstance(record, Piece) else Piece(record, len(record))
        self.size += len(found.data)
        values = row(found, self.wanted.syntax, self.wanted.encoding)
        for name, value in (values | {"row_id": self.number}).items():
            self.columns[name].append(value)

    def take(self) -> pa.RecordBatch:
        count = len(self.columns["row_id"])
        self.columns["file_no"] = [self.wanted.number] * count
        self.columns["split_start"] = [0] * count
        arrays = [pa.array(self.columns[f.name], f.type) for f in _ARROW]
        self.columns = {name: [] for name in _ARROW.names}
        self.size = 0
        return pa.RecordBatch.from_arrays(arrays, schema=_ARROW)


def row(found: Piece, syntax: str, encoding: str) -> dict[str, Any]:
    """The columns of one record that depend on its content."""
    problem, original, invalid = found.problem, None, None
    text: str | None
    data = found.data
    if found.size > MAX_RECORD_BYTES:
        problem, data = problem or "TOO_LARGE", data[:KEPT_BYTES]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        if problem is None:
            problem, invalid = "ENCODING", _as_received(found.data, encoding)
    if problem is not None:
        text, original = None, text
    elif syntax == "python-dict":
        literal = to_json(data)
        text, original = None if literal is None else literal.decode("utf-8"), text
        problem = "MALFORMED_JSON" if text is None else None
    return {
        "record_text": text,
        "original": original,
        "invalid_bytes": invalid,
        "record_bytes": _received_size(found, encoding),
        "problem": problem,
    }


def _as_received(data: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return data
    # Transcoding made this UTF-8, half surrogate pairs and all: the way back is without loss.
    return data.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")


def _received_size(found: Piece, encoding: str) -> int:
    if encoding == "utf-8" or len(found.data) < found.size:
        return found.size
    return len(_as_received(found.data, encoding))
