"""Rows of Apache Avro as records: numbers, texts, lists and objects as in JSON, everything else as text.

Damage costs only its block: the mark after each block shows where the next one begins.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Set
from typing import IO, Any, cast

import fastavro
import msgspec
from fastavro.schema import SchemaParseException

from reviews.splitter import avro_blocks
from reviews.splitter.avro_blocks import Block, Bytes, DamagedError, EndError
from reviews.splitter.avro_types import SchemaError, Type, row_type
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Piece, Pieces, piece
from reviews.splitter.unpacking import is_out_of_proportion

_METADATA = {"type": "map", "values": "bytes"}
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Header:
    """The header of a file, before its first block."""

    def __init__(self, source: Bytes) -> None:
        """Raises SchemaError if its rows cannot be read, DamagedError if it is not an Avro header, and
        EndError if it is cut off."""
        source.mark()
        if source.read(len(avro_blocks.MAGIC)) != avro_blocks.MAGIC:
            raise DamagedError
        try:
            metadata: Any = fastavro.schemaless_reader(cast("IO[bytes]", source), _METADATA, None)
            document = json.loads(metadata["avro.schema"])
        except (EndError, DamagedError):
            raise
        except Exception as error:
            # The parser can fail in any way on bytes that are not a header.
            raise DamagedError from error
        self.codec = metadata.get("avro.codec", b"null").decode("ascii", "replace")
        self.mark = source.read(avro_blocks.MARK_BYTES)
        self.original = source.since_mark()
        if self.codec not in avro_blocks.CODECS:
            raise SchemaError(f"it is packed by {self.codec}, not by {', '.join(avro_blocks.CODECS)}")
        self.rows = row_type(document)
        try:
            self.schema = fastavro.parse_schema(self.rows.bare)
        except (SchemaParseException, ValueError) as error:
            raise SchemaError("its schema is not a valid Avro schema") from error

    def next_row(self, data: io.BytesIO) -> Any:
        """The next row of a block. Raises any exception of the parser if the bytes are not a row."""
        return fastavro.schemaless_reader(data, self.schema, None, handle_unicode_errors="surrogateescape")


def split(stream: Stream) -> Iterator[Pieces]:
    """The rows of the file. A block that cannot be read counts as one record."""
    source = Bytes(stream)
    try:
        header = _Header(source)
    except SchemaError as error:
        yield _refused(f"{error}; write it by another schema")
        return
    except DamagedError:
        yield _refused("it does not begin like an Avro file; put it again")
        return
    except EndError:
        yield _cut("its header")
        return
    yield from _blocks(source, header)
    if stream.is_cut:
        yield _cut("its last blocks")


def _blocks(source: Bytes, header: _Header) -> Iterator[Pieces]:
    read, packed, unpacked = 0, 0, 0
    while not source.is_at_end():
        try:
            block = avro_blocks.block(source, header.codec, header.mark)
        except (EndError, DamagedError) as error:
            # A damaged length may reach beyond the file's end: it is cut off only if no other block follows.
            goes_on = source.skip_past(header.mark)
            if not goes_on and isinstance(error, EndError):
                yield _cut(f"the rows after row {read}")
            else:
                yield _refused(
                    f"the block after row {read} cannot be read, and its rows are lost; put it again"
                )
            continue
        packed, unpacked = packed + block.packed_bytes, unpacked + len(block.data)
        if is_out_of_proportion(unpacked, packed):
            yield _refused(f"after row {read} it is given up: it unpacks to far more than any text does")
            return
        yield from _rows(block, header, read)
        read += block.rows


def _rows(block: Block, header: _Header, before: int) -> Iterator[Pieces]:
    data = io.BytesIO(block.data)
    whole: list[bytes] = []
    for number in range(block.rows):
        try:
            row = header.next_row(data)
        except Exception:
            yield whole
            rows = f"row {before + number + 1} and those after it in its block"
            yield _refused(f"{rows} cannot be read, {block.rows - number} in all; put it again")
            return
        record = _record(row, header.rows)
        if isinstance(record, bytes):
            whole.append(record)
        else:
            yield from (whole, record)
            whole = []
    yield whole
    if data.read(1):
        yield _refused(f"the block up to row {before + block.rows} has more data than its rows; put it again")


def without_rows(stream: Iterable[bytes], numbers: Set[int]) -> Iterator[bytes]:
    """The file without the rows of these numbers (from 0); the others stay byte for byte, in their blocks.

    Raises:
        SchemaError, DamagedError, EndError: a part of the file cannot be read.
    """
    source = Bytes(stream)
    header = _Header(source)
    yield header.original
    number = 0
    while not source.is_at_end():
        block = avro_blocks.block(source, header.codec, header.mark)
        data = io.BytesIO(block.data)
        kept: list[bytes] = []
        for _ in range(block.rows):
            begin = data.tell()
            try:
                header.next_row(data)
            except Exception as error:
                raise DamagedError from error
            if number not in numbers:
                kept.append(block.data[begin : data.tell()])
            number += 1
        if kept:
            yield avro_blocks.written(len(kept), b"".join(kept), header.codec, header.mark)


def _record(row: dict[str, Any], kind: Type) -> bytes | Piece:
    """The row without its null columns: CSV also leaves out empty cells."""
    plain = kind.plain(row) if kind.plain else row
    cells = {name: cell for name, cell in plain.items() if cell is not None}
    try:
        return _encode(cells)
    except UnicodeEncodeError:
        return piece(_readable(cells), "ENCODING")


def _readable(cells: dict[str, Any]) -> bytes:
    """The cells as JSON text, including the bytes that are not UTF-8."""
    return json.dumps(cells, ensure_ascii=False, default=str).encode("utf-8", "surrogateescape")


def _refused(why: str) -> Piece:
    return piece(b"", "MALFORMED_RECORD", f"looked for rows of Avro; {why}")


def _cut(what: str) -> Piece:
    return piece(b"", "TRUNCATED", f"looked for {what} in the Avro file; it is cut there")
