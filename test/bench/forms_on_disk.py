"""The bench's reviews in every form that producers ship: files of the same records in the same order."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from reviews.contracts import Wrapper
from reviews_on_disk import DataSet

_PAGE_RECORDS = 100  # of one response of a producer's API

Record = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """How one producer writes its records, and what the pipeline has to know of it.

    `syntax` and `wrapper` belong into the source's contract, the rest into the manifest.
    """

    name: str
    write: Callable[[Iterable[Record]], Iterator[str | bytes]]
    layout: Literal["lines", "array", "concatenated", "wrapped", "csv", "parquet"]
    compression: Literal["none", "gzip"] = "none"
    encoding: Literal["utf-8", "utf-16le"] = "utf-8"
    syntax: Literal["json", "python-dict"] = "json"
    wrapper: Wrapper | None = None

    @property
    def format(self) -> str:
        return self.layout if self.layout in ("csv", "parquet") else "json"

    @property
    def manifest_entry(self) -> dict[str, str]:
        """The fields of a file's entry in the manifest that depend on its form (docs/architecture.md)."""
        return {"layout": self.layout, "compression": self.compression, "encoding": self.encoding}

    @property
    def suffix(self) -> str:
        plain = ".jsonl" if self.layout == "lines" else f".{self.format}"
        return plain + (".gz" if self.compression == "gzip" else "")


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _lines(records: Iterable[Record]) -> Iterator[str]:
    return (_compact(record) + "\n" for record in records)


def _python_dicts(records: Iterable[Record]) -> Iterator[str]:
    return (repr(record) + "\n" for record in records)


def _array(records: Iterable[Record]) -> Iterator[str]:
    return _enclosed("[", map(_compact, records), "]")


def _pretty_array(records: Iterable[Record]) -> Iterator[str]:
    return _enclosed("[\n  ", (_pretty(record).replace("\n", "\n  ") for record in records), "\n]", ",\n  ")


def _concatenated(records: Iterable[Record]) -> Iterator[str]:
    return (_pretty(record) + "\n" for record in records)


def _wrapped(records: Iterable[Record]) -> Iterator[str]:
    return _enclosed('{"status":"ok","data":[', map(_compact, records), '],"next":null}\n')


def _map(records: Iterable[Record]) -> Iterator[str]:
    members = (f'"{number}":{_compact(record)}' for number, record in enumerate(records))
    return _enclosed('{"status":"ok","reviews":{', members, '},"next":null}\n')


def _pages(records: Iterable[Record]) -> Iterator[str]:
    page: list[Record] = []
    for record in records:
        page.append(record)
        if len(page) == _PAGE_RECORDS:
            yield from _wrapped(page)
            page = []
    if page:
        yield from _wrapped(page)


def _enclosed(opening: str, texts: Iterable[str], closing: str, separator: str = ",") -> Iterator[str]:
    yield opening
    for number, text in enumerate(texts):
        yield separator + text if number else text
    yield closing


def flat(record: Record, above: str = "") -> dict[str, Any]:
    """The record without objects in it: their keys behind their own, lists as JSON."""
    cells: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            cells |= flat(value, f"{above}{key}.")
        else:
            cells[above + key] = _compact(value) if isinstance(value, list) else value
    return cells


def _csv(records: Iterable[Record]) -> Iterator[str]:
    rows = [flat(record) for record in records]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    yield text.getvalue()


def _parquet(records: Iterable[Record]) -> Iterator[bytes]:
    # As texts, because some records are broken on purpose and have other types than the rest.
    rows = [
        {name: None if cell is None else str(cell) for name, cell in flat(record).items()}
        for record in records
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names])), written)
    yield written.getvalue()


_LIST = Wrapper((("data",),), "array")
_MEMBERS = Wrapper((("reviews",),), "map")

# The first is what the others are compared with.
FORMS = (
    Form("JSON Lines", _lines, "lines"),
    Form("JSON Lines, gzip", _lines, "lines", compression="gzip"),
    Form("JSON Lines, UTF-16", _lines, "lines", encoding="utf-16le"),
    Form("array", _array, "array"),
    Form("array, gzip", _array, "array", compression="gzip"),
    Form("array, UTF-16", _array, "array", encoding="utf-16le"),
    Form("array, indented", _pretty_array, "array"),
    Form("objects, indented", _concatenated, "concatenated"),
    Form("document with a list", _wrapped, "wrapped", wrapper=_LIST),
    Form("documents of 100 each", _pages, "wrapped", wrapper=_LIST),
    Form("document with a map", _map, "wrapped", wrapper=_MEMBERS),
    Form("Python dicts", _python_dicts, "lines", syntax="python-dict"),
    Form("CSV", _csv, "csv"),
    Form("CSV, gzip", _csv, "csv", compression="gzip"),
    Form("Parquet", _parquet, "parquet"),
)


@dataclass(frozen=True)
class FormSet:
    """One file of a form: its records, and its bytes once unpacked."""

    path: Path
    records: int
    unpacked_bytes: int


def write(form: Form, data: DataSet, folder: Path) -> FormSet:
    """Writes the data set's records to a file in `folder`, without its lines that are no JSON: only the form
    of lines has a place for them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (form.name.lower().replace(",", "").replace(" ", "-") + form.suffix)
    taken = _Count(_records(data))
    size = 0
    # Level 6 is what gzip's command line takes.
    with gzip.open(path, "wb", 6) if form.compression == "gzip" else path.open("wb") as file:
        for text in form.write(taken):
            encoded = text if isinstance(text, bytes) else text.encode(form.encoding)
            size += len(encoded)
            file.write(encoded)
    return FormSet(path, taken.count, size)


class _Count:
    """Counts what is taken out of it."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            yield record


def _records(data: DataSet) -> Iterator[Record]:
    for path in data.files:
        with path.open("rb") as lines:
            for line in lines:
                try:
                    yield json.loads(line)
                except ValueError:
                    continue
