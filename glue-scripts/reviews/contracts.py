"""Source contracts (contracts/sources): how one producer's records map onto the canonical review.

The loader refuses unknown keys, so a mistake in a contract stops the job before a record is read.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

from reviews import record_formats, tables
from reviews.errors import ContractError
from reviews.kernel import patterns
from reviews.record_formats import Csv, Xml

Key = str | int
Path = tuple[Key, ...]

_KEYS = {
    "$schema", "source", "description", "expectations", "syntax", "recognise", "wrapper", "identity",
    "rating", "nulls", "timestamps", "values", "fields", "lists", "digits", "productsOf",
    "format", "csv", "xml", "decimalComma", "records", "customersOf", "messageKey",
}  # fmt: skip
_REQUIRED = {"source", "description", "recognise", "identity", "fields"}


@dataclass(frozen=True)
class Place:
    """Where a value is: at `path` of the record (the whole value, or the first group of `match`), or in the
    object key, by `file_name`."""

    path: Path = ()
    match: str | None = None
    file_name: str | None = None
    split: str | None = None
    """The separator of a list that is written as one text."""


@dataclass(frozen=True)
class ListMapping:
    paths: tuple[Path, ...]
    item: dict[str, tuple[Place, ...]] | None


HOLDS = ("array", "map", "columns", "split")
"""How a document may hold its records; the last two are tables as pandas writes them with that `orient`."""


@dataclass(frozen=True)
class Wrapper:
    paths: tuple[Path, ...]
    """An empty path means the document itself."""
    holds: str
    """One of `HOLDS`; `array` and `map` are interchangeable: the bracket in the document decides."""


@dataclass(frozen=True)
class Source:
    name: str
    syntax: str
    wrapper: Wrapper | None
    identity: tuple[tuple[Path, ...], ...] | None
    """Parts of the natural key, each with its possible paths: the first value that is not null counts.
    None if the source has its own id."""
    rating: tuple[float, float] | None
    unrated: tuple[str, ...]
    """Texts that mean that there is no rating."""
    nulls: tuple[str, ...]
    timestamps: tuple[str, ...]
    values: dict[str, dict[str, str]]
    fields: dict[str, tuple[Place, ...]]
    lists: dict[str, ListMapping]
    digits: dict[str, int]
    """Field whose ids are digits → how many they have."""
    message_key: Path
    """Where the key of a message of Kafka stands in a record; empty where nothing says so."""
    products_of: str | None
    """For a catalogue (without reviews): the source whose products it describes. None: they are reviews."""

    records: str
    """The table that the records become: one of `tables.RECORDS`."""
    customers_of: str
    """Of cases: the source whose customers they name; else the source itself."""
    foreign: tuple[str, ...]
    """For a catalogue: keys that only a review's record has, which does not describe a product."""
    format: str
    """One of `record_formats.FORMATS`."""
    csv: Csv
    """How rows are written, if the format is csv."""
    xml: Xml
    """Where the records are, if the format is xml."""
    decimal_comma: bool
    """Whether numbers have a decimal comma, and points between thousands."""

    @property
    def own_id(self) -> str:
        """The field that identifies a record where there is no natural key."""
        return _own_id(self.records, self.products_of)

    @property
    def person(self) -> str:
        """The field with the id of the person whose record it is."""
        return "reviewer_id" if self.records == "reviews" else "customer_id"

    @property
    def kinds(self) -> dict[str, str]:
        """Canonical field that the contract may map → its type."""
        return tables.canonical_fields(self.records)


@functools.cache
def load(name: str) -> Source:
    """The contract of source `name`.

    Raises:
        ContractError: there is no such contract, or it has an unknown key or canonical field.
    """
    try:
        text = tables.read_contract(f"sources/{name}.json")
    except OSError as error:
        raise ContractError(f"source {name!r} has no contract contracts/sources/{name}.json") from error
    return parse(json.loads(text), name)


def parse(document: dict[str, Any], name: str) -> Source:
    where = f"contracts/sources/{name}.json"
    _only(document, _KEYS, where, _REQUIRED)
    if document["source"] != name:
        raise ContractError(f"{where}: source is {document['source']!r}, the file's name says {name!r}")
    _only(document["recognise"], {"all", "types", "none"}, f"{where}: recognise", {"all"})
    fields = document["fields"]
    products_of = document.get("productsOf")
    records = document.get("records", "reviews")
    if records not in tables.RECORDS:
        raise ContractError(f"{where}: records is {records!r}, not one of {', '.join(tables.RECORDS)}")
    own_id = _own_id(records, products_of)
    if records != "reviews":
        more = {"customersOf"} if records == "support_cases" else set()
        _only(
            document,
            _KEYS - {"rating", "lists", "productsOf", "customersOf"} | more,
            f"{where}: a contract of {records}",
        )
        _only(fields, set(tables.canonical_fields(records)), f"{where}: fields", {own_id, "created_at"})
    elif products_of is None:
        _only(document, _KEYS - {"customersOf"}, f"{where}: a contract of reviews")
        _only(fields, set(tables.canonical_fields()), f"{where}: fields", {"product_id", "created_at"})
    else:
        _only(fields, _catalogue_fields(), f"{where}: fields", {"product_id"})
        _only(document, _KEYS - {"rating", "lists", "customersOf"}, f"{where}: a catalogue")
    values = document.get("values", {})
    _only(values, set(fields), f"{where}: values")
    identity = document["identity"]
    if isinstance(identity, str) and (identity != own_id or identity not in fields):
        raise ContractError(f"{where}: identity is {identity}, which no field maps; it may be {own_id}")
    if products_of is not None and identity != own_id:
        raise ContractError(f"{where}: identity of a catalogue must be product_id, not {identity!r}")
    syntax = document.get("syntax", "json")
    if syntax not in ("json", "python-dict"):
        raise ContractError(f"{where}: syntax is {syntax!r}, not json or python-dict")
    timestamps = tuple(document.get("timestamps", ("iso", "epoch")))
    for form in timestamps:
        if form not in ("iso", "epoch"):
            patterns.compiled(form)
    return Source(
        name=name,
        syntax=syntax,
        wrapper=_wrapper(document.get("wrapper"), where),
        identity=None if identity == own_id else tuple(_part(p, f"{where}: identity") for p in identity),
        rating=_rating(document.get("rating"), where),
        unrated=tuple((document.get("rating") or {}).get("unrated", ())),
        nulls=tuple(document.get("nulls", ())),
        timestamps=timestamps,
        values={field: {k: _text(v) for k, v in known.items()} for field, known in values.items()},
        fields={field: _places(places, f"{where}: fields.{field}") for field, places in fields.items()},
        lists=_lists(document.get("lists", {}), where),
        digits=_digits(document.get("digits", {}), fields, where),
        message_key=_path(document["messageKey"], f"{where}: messageKey") if "messageKey" in document else (),
        products_of=products_of,
        records=records,
        customers_of=document.get("customersOf", name),
        foreign=() if products_of is None else tuple(document["recognise"].get("none", ())),
        format=record_formats.format_of(document, where),
        csv=record_formats.csv_of(document.get("csv", {}), where),
        xml=record_formats.xml_of(document.get("xml"), where, wanted=document.get("format") == "xml"),
        decimal_comma=bool(document.get("decimalComma", False)),
    )


def _own_id(records: str, products_of: str | None) -> str:
    return f"{tables.RECORDS[records]}_id" if products_of is None else "product_id"


def _catalogue_fields() -> set[str]:
    """Fields that describe a product; `updated_at` is the time of the description."""
    described = {name for name in tables.canonical_fields() if name.startswith("product.")}
    return described | {"product_id", "updated_at"}


def _only(found: dict[str, Any], allowed: set[str], where: str, required: set[str] | None = None) -> None:
    if unknown := sorted(set(found) - allowed):
        raise ContractError(f"{where}: {unknown[0]!r} is not known; allowed are {', '.join(sorted(allowed))}")
    if missing := sorted((required or set()) - set(found)):
        raise ContractError(f"{where}: {missing[0]!r} is missing")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _path(value: Any, where: str, *, whole_record: bool = False) -> Path:
    path = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else None
    if path is None or not (path or whole_record) or not all(type(key) in (str, int) for key in path):
        raise ContractError(f"{where}: {value!r} is not a path (a key, or a list of keys and positions)")
    return path


def _part(value: Any, where: str) -> tuple[Path, ...]:
    if not isinstance(value, dict):
        return (_path(value, where),)
    _only(value, {"firstOf"}, where, {"firstOf"})
    paths = value["firstOf"]
    if not isinstance(paths, list) or not paths:
        raise ContractError(f"{where}: {paths!r} is not a list of paths")
    return tuple(_path(path, where) for path in paths)


def _place(value: Any, where: str) -> Place:
    if not isinstance(value, dict):
        return Place(path=_path(value, where))
    if "fileName" in value:
        _only(value, {"fileName"}, where)
        return Place(file_name=_pattern(value["fileName"], where))
    if "split" in value:
        _only(value, {"path", "split"}, where, {"path"})
        if not isinstance(value["split"], str) or not value["split"]:
            raise ContractError(f"{where}: split is {value['split']!r}, not a text that separates others")
        return Place(path=_path(value["path"], where), split=value["split"])
    _only(value, {"path", "match"}, where, {"path", "match"})
    return Place(path=_path(value["path"], where), match=_pattern(value["match"], where))


def _pattern(value: str, where: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise ContractError(f"{where}: {value!r} is not a regular expression: {error}") from error
    if groups < 1:
        raise ContractError(f"{where}: {value!r} has no group; the first group is the value")
    return value


def _places(value: Any, where: str) -> tuple[Place, ...]:
    if not isinstance(value, list) or not value:
        raise ContractError(f"{where}: {value!r} is not a list of places")
    return tuple(_place(place, where) for place in value)


def _wrapper(value: dict[str, Any] | None, where: str) -> Wrapper | None:
    if value is None:
        return None
    _only(value, {"paths", "holds"}, f"{where}: wrapper", {"paths", "holds"})
    if value["holds"] not in ("array", "map"):
        raise ContractError(f"{where}: wrapper.holds is {value['holds']!r}, not array or map")
    return Wrapper(tuple(_path(p, f"{where}: wrapper.paths") for p in value["paths"]), value["holds"])


def _rating(value: dict[str, Any] | None, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    _only(value, {"minimum", "maximum", "unrated"}, f"{where}: rating", {"minimum", "maximum"})
    if not value["minimum"] < value["maximum"]:
        raise ContractError(f"{where}: rating.minimum must be below rating.maximum, not {value}")
    return float(value["minimum"]), float(value["maximum"])


def _digits(value: dict[str, Any], fields: dict[str, Any], where: str) -> dict[str, int]:
    _only(value, set(fields), f"{where}: digits")
    for name, count in value.items():
        if type(count) is not int or count < 1:
            raise ContractError(f"{where}: digits.{name} is {count!r}, not a number of digits")
    return value


def _lists(value: dict[str, Any], where: str) -> dict[str, ListMapping]:
    _only(value, set(tables.LISTS), f"{where}: lists")
    return {name: _list(name, mapping, f"{where}: lists.{name}") for name, mapping in value.items()}


def _list(name: str, value: dict[str, Any], where: str) -> ListMapping:
    _only(value, {"paths", "item"}, where, {"paths"})
    item = value.get("item")
    if item is not None:
        _only(item, set(tables.list_items(name)), f"{where}.item")
        item = {column: _places(places, f"{where}.item.{column}") for column, places in item.items()}
    elif name == "responses":
        raise ContractError(f"{where}: item is missing; only media and tags may be plain texts")
    return ListMapping(tuple(_path(p, where, whole_record=True) for p in value["paths"]), item)
