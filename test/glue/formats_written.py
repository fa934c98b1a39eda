"""Records as files of the format that a contract reads, and what the splitter finds in such files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import fastavro
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from reviews.contracts import Source
from reviews.splitter import task
from reviews.splitter.pieces import Begin, Piece


def found_by(request: task.Request, content: bytes, chunk: int) -> list[Any]:
    """Records as objects, and the pieces that are none, of a file that comes in chunks of so many bytes."""
    chunks: Iterator[bytes] = (content[at : at + chunk] for at in range(0, len(content), chunk))
    found: list[Any] = []
    for pieces in task.split(request, chunks):
        assert not isinstance(pieces, Begin)
        found += [pieces] if isinstance(pieces, Piece) else map(msgspec.json.decode, pieces)
    return found


def as_csv(
    names: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool = True, **dialect: Any
) -> str:
    """The rows as Python's writer writes them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, **dialect)
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def parquet(rows: list[dict[str, Any]], schema: pa.Schema | None = None, **options: Any) -> bytes:
    """The rows as Arrow writes them."""
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), written, **options)
    return written.getvalue()


def avro(
    fields: Mapping[str, Any], rows: Iterable[dict[str, Any]], codec: str = "null", **options: Any
) -> bytes:
    """The rows as fastavro writes them; `fields` are names and types, each of which may have no value."""
    schema = {
        "type": "record",
        "name": "Review",
        "fields": [
            {"name": name, "type": ["null", *(kind if isinstance(kind, list) else [kind])]}
            for name, kind in fields.items()
        ],
    }
    written = io.BytesIO()
    fastavro.writer(written, schema, rows, codec, **options)
    return written.getvalue()


def as_xml(rows: Iterable[dict[str, Any]], encoding: str = "utf-8") -> bytes:
    """The rows as the standard library writes them: /reviews/review, a child for each cell."""
    root = ElementTree.Element("reviews")
    for row in rows:
        record = ElementTree.SubElement(root, "review")
        for name, cell in row.items():
            if cell is not None:
                ElementTree.SubElement(record, name).text = str(cell)
    # A carriage return is read as a line feed unless it is written as a number (XML 1.0, section 2.11).
    written: str = ElementTree.tostring(root, "unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{written}'.encode(encoding, "xmlcharrefreplace")


def in_format(source: Source, records: list[dict[str, Any]]) -> bytes:
    """A file of these records that the contract reads; of CSV the records are texts by column."""
    if source.format == "parquet":
        return parquet(records)
    settings = source.csv
    names = settings.names or [*dict.fromkeys(name for record in records for name in record)]
    dialect = {"delimiter": settings.delimiter, "quotechar": settings.quote}
    return as_csv(names, records, header=settings.names is None, **dialect).encode(settings.encoding)
