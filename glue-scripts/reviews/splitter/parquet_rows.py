"""Rows of Apache Parquet as records: numbers, texts, lists, objects as in JSON, everything else as text.

Times are ISO 8601 (in UTC if the file has a zone), decimals are numbers with all their digits, and binary
values are Base64. The file's index is at its end, so the file must be on disk while it is read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Piece, Pieces, piece
from reviews.splitter.unpacking import is_out_of_proportion

_MAGIC = b"PAR1"
_LEAST_BYTES = 12  # the marks at both ends and the length of the index (Apache Parquet, "File Format")
# A small number, because dictionary encoding can expand to far more than the file's size.
_ROWS_AT_A_TIME = 128
_BUFFER_BYTES = 1 << 20
_BOMB = "it unpacks to far more than any text does; send it in parts"
_encode = msgspec.json.Encoder(decimal_format="number").encode


def split(stream: Stream) -> Iterator[Pieces]:
    """The rows of the file. If it cannot be read, or only in part, the rest counts as one record."""
    with tempfile.TemporaryFile() as spool:
        size = 0
        for chunk in stream:
            spool.write(chunk)
            size += len(chunk)
        if stream.is_bomb:
            return  # the caller reports it
        spool.seek(max(0, size - len(_MAGIC)))
        if stream.is_cut or spool.read() != _MAGIC or size < _LEAST_BYTES:
            yield piece(
                b"", "TRUNCATED", "looked for the index at the end of the Parquet file; it is not there"
            )
            return
        spool.seek(0)
        yield from _rows(spool, size)


def _rows(spool: IO[bytes], size: int) -> Iterator[Pieces]:
    read, unpacked = 0, 0
    try:
        file = pq.ParquetFile(spool, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        if why := _fault(file, size):
            yield _refused(why)
            return
        shapes = _shapes(file.schema_arrow)
        for batch in file.iter_batches(_ROWS_AT_A_TIME):
            for pieces in _records(batch, shapes):
                read += len(pieces) if isinstance(pieces, list) else 1
                unpacked += sum(map(len, pieces)) if isinstance(pieces, list) else pieces.size
                yield pieces
            if is_out_of_proportion(unpacked, size):
                yield _refused(f"after row {read} it is given up: {_BOMB}")
                return
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        yield _refused(f"from row {read + 1} on it cannot be read ({type(error).__name__}); put it again")
        return
    if read != file.metadata.num_rows:
        yield _refused(f"it says that it has {file.metadata.num_rows} rows, and has {read}; put it again")


def _fault(file: pq.ParquetFile, size: int) -> str | None:
    metadata = file.metadata
    names = file.schema_arrow.names
    if len(set(names)) < len(names):
        return "two of its columns have one name; rename one"
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    return _BOMB if is_out_of_proportion(sum(group.total_byte_size for group in groups), size) else None


def _refused(why: str) -> Piece:
    return piece(b"", "MALFORMED_RECORD", f"looked for rows of Parquet; {why}")


def _shapes(schema: pa.Schema) -> list[pa.Schema]:
    """The schemas to which rows are cast, in order, until Python sees only JSON values."""
    steps = [
        pa.schema([(field.name, step(field.type)) for field in schema])
        for step in (_in_utc, _as_text, _as_json)
    ]
    return [step for before, step in pairwise([schema, *steps]) if step.types != before.types]


def _records(batch: pa.RecordBatch, shapes: Iterable[pa.Schema]) -> Iterator[Pieces]:
    plain = pa.Table.from_batches([batch])
    for shape in shapes:
        plain = plain.cast(shape)
    try:
        yield [_json(row) for row in plain.to_pylist(maps_as_pydicts="strict")]
    except (KeyError, UnicodeDecodeError):
        yield from (_record(plain.slice(number, 1)) for number in range(plain.num_rows))


def _record(row: pa.Table) -> Pieces:
    """The single row of the table; if it cannot be read, only the readable cells."""
    cells: dict[str, Any] = {}
    problem, detail = None, None
    for name in row.column_names:
        try:
            cells |= row.select([name]).to_pylist(maps_as_pydicts="strict")[0]
        except UnicodeDecodeError:
            problem = "ENCODING"
        except KeyError:
            problem, detail = "MALFORMED_RECORD", f'a key stands twice in a map of the column "{name}"'
    data = _json(cells)
    return [data] if problem is None else piece(data, problem, detail)


def _json(row: dict[str, Any]) -> bytes:
    """The row without its null columns: CSV also leaves out empty cells."""
    return _encode({name: cell for name, cell in row.items() if cell is not None})


def _in_utc(kind: pa.DataType) -> pa.DataType:
    """The type, with the zone of every time changed to UTC."""
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, "UTC")
    return _within(kind, _in_utc)


def _as_text(kind: pa.DataType) -> pa.DataType:
    """The type, with text in place of every type that JSON lacks."""
    if pa.types.is_duration(kind):
        return pa.int64()
    # As text, a 32-bit number has its intended digits; as a 64-bit number it would have many more.
    is_text = pa.types.is_date(kind) or pa.types.is_time(kind) or pa.types.is_timestamp(kind)
    if is_text or pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return pa.string()
    return _within(kind, _as_text)


def _as_json(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return pa.float64()
    return _as_text(kind) if not pa.types.is_nested(kind) else _within(kind, _as_json)


def _within(kind: pa.DataType, shape: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """The type, with `shape` applied to the types inside it."""
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(shape(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(shape(kind.key_type), shape(kind.item_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(shape(kind.value_type), kind.list_size)
    if pa.types.is_list(kind):
        return pa.list_(shape(kind.value_type))
    if pa.types.is_large_list(kind):
        return pa.large_list(shape(kind.value_type))
    return shape(kind.value_type) if pa.types.is_dictionary(kind) else kind
