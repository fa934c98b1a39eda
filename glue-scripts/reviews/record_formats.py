"""The format of a producer's files, from the contract's `format` and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reviews.errors import ContractError

FORMATS = ("json", "csv", "avro", "parquet", "xml")
CSV_ENCODINGS = ("utf-8", "latin-1", "windows-1252")

# Setting → the formats that it belongs to. Only text formats need decimalComma: others have typed numbers.
_BELONGS = {
    "csv": ("csv",),
    "xml": ("xml",),
    "decimalComma": ("csv", "xml"),
    "wrapper": ("json",),
    "syntax": ("json",),
}
_CSV_KEYS = ("delimiter", "quote", "names", "comment", "encoding")


@dataclass(frozen=True)
class Csv:
    """How the rows of comma-separated values are written."""

    delimiter: str = ","
    quote: str | None = '"'
    """None: no cell is quoted."""
    names: tuple[str, ...] | None = None
    """Names of the columns, if there is no header."""
    comment: str | None = None
    """The first character of a comment line, which is not a row."""
    encoding: str = "utf-8"
    """One of `CSV_ENCODINGS`; UTF-16 is recognised from the bytes."""


@dataclass(frozen=True)
class Xml:
    """Where the records of a document are."""

    record: tuple[str, ...] = ()
    """Names of the elements from the root (included) to a record, without namespaces."""


def format_of(document: dict[str, Any], where: str) -> str:
    """The contract's format.

    Raises:
        ContractError: the format is unknown, or the contract has a setting of another format.
    """
    found = document.get("format", "json")
    if found not in FORMATS:
        raise ContractError(f"{where}: format is {found!r}, not one of {', '.join(FORMATS)}")
    for setting, formats in _BELONGS.items():
        if setting in document and found not in formats:
            raise ContractError(f"{where}: {setting} is a setting of {' and '.join(formats)}, not of {found}")
    return str(found)


def csv_of(value: dict[str, Any], where: str) -> Csv:
    """The contract's `csv`.

    Raises:
        ContractError: a setting is unknown or invalid.
    """
    if unknown := sorted(set(value) - set(_CSV_KEYS)):
        raise ContractError(
            f"{where}: csv.{unknown[0]} is not known; allowed are {', '.join(sorted(_CSV_KEYS))}"
        )
    for setting in ("delimiter", "quote", "comment"):
        mark = value.get(setting)
        if mark is not None and (not isinstance(mark, str) or len(mark) != 1 or mark in "\r\n"):
            raise ContractError(f"{where}: csv.{setting} is {mark!r}, not one character")
    marks = [value.get("delimiter", ","), value.get("quote", '"'), value.get("comment")]
    given = [mark for mark in marks if mark is not None]
    if len(set(given)) < len(given):
        raise ContractError(f"{where}: delimiter, quote and comment of csv must differ")
    names = value.get("names")
    if names is not None and (len(set(names)) < len(names) or not names or "" in names):
        raise ContractError(f"{where}: csv.names are {names!r}, not different texts")
    encoding = value.get("encoding", "utf-8")
    if encoding not in CSV_ENCODINGS:
        raise ContractError(f"{where}: csv.encoding is {encoding!r}, not one of {', '.join(CSV_ENCODINGS)}")
    return Csv(
        delimiter=value.get("delimiter", ","),
        quote=value.get("quote", '"'),
        names=None if names is None else tuple(names),
        comment=value.get("comment"),
        encoding=encoding,
    )


def xml_of(value: dict[str, Any] | None, where: str, *, wanted: bool) -> Xml:
    """The contract's `xml`, which a contract of that format must have.

    Raises:
        ContractError: it is missing, or not a path of elements.
    """
    if value is None and not wanted:
        return Xml()
    record = (value or {}).get("record")
    if set(value or {}) - {"record"} or not isinstance(record, list) or len(record) < 2:
        raise ContractError(
            f"{where}: xml is {value!r}; a contract of XML needs xml.record, the names of the elements from "
            'the root to a record, such as ["reviews", "review"]'
        )
    return Xml(tuple(map(str, record)))
