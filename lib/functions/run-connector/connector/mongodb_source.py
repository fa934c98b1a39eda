"""The documents of a collection, in the order of the cursor: page by page, by short queries.

So no cursor of the server stays open while objects are stored, and a run goes on where another one ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson import DatetimeMS
from bson.raw_bson import RawBSONDocument
from pymongo.errors import PyMongoError

from connector.budget import Budget
from connector.contract import Stream
from connector.cursor import EXACT
from connector.errors import ConnectorError
from connector.mongodb_contract import MongodbContract
from connector.mongodb_errors import translated
from connector.mongodb_login import QUERY_MILLISECONDS, collection
from connector.mongodb_packed import Unpacking
from connector.mongodb_values import as_kept, from_kept, of_extended_json, types_after
from connector.page import PAGE_BYTES, Page
from connector.sentence import sentence
from connector.sql_values import size_of
from connector.state import Position

type Condition = dict[str, Any]

# Where the documents begin, and those without a cursor.
_FIRST: Position = {"after": None, "undated": False}
_FIRST_UNDATED: Position = {"after": None, "undated": True}

# Documents that the driver holds beside a page.
_BATCH = 500

_ID = "_id"


class MongodbSource:
    """The collection of a contract. Raises ConnectorError and SourceUnavailableError."""

    def __init__(self, contract: MongodbContract, secret: Mapping[str, Any], budget: Budget) -> None:
        self._contract = contract
        self._budget = budget
        self._collection = collection(contract, secret)
        # As they come: a document takes many times its size once it is unpacked.
        options = self._collection.codec_options
        self._packed = self._collection.with_options(
            codec_options=options.with_options(document_class=RawBSONDocument)
        )
        self._unpacking = Unpacking(options, contract.cursor.field)
        self._filter = of_extended_json(contract.filter)
        kind = "date" if contract.cursor.form == "iso" else "number"
        # A list is never what a run can go by, though a comparison looks into it.
        self._dated: Condition = {contract.field: {"$type": kind, "$not": {"$type": "array"}}}
        self._undated: Condition = {"$nor": [self._dated]}

    def pages(self, _stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
        """The documents from a value of the cursor on, then those without one if they are wanted.

        A page begins with the document that the last one ended with, which is known by its content.
        Its records are gone when the next one is asked for.
        """
        position = position or _FIRST
        while True:
            records, last = self._page(since, position)
            if not records and position == _FIRST and since is None:
                self._must_exist()
            if last is not None and last == position["after"]:
                raise self._error(
                    f"has more than {self._contract.documents_per_page} documents in {{place}} that are "
                    'alike in "cursor" and _id',
                    "name a collection or a view whose _id tells them apart",
                )
            following: Position | None = {**position, "after": last} if last is not None else None
            if following is None and not position["undated"] and self._contract.loads_nulls:
                following = _FIRST_UNDATED
            yield Page(records, following)
            # Whoever asks for the next page still holds this one.
            records.clear()
            if following is None:
                return
            position = following

    def count(self, _stream: Stream, highest: float | None) -> int | None:
        """Documents at the source, up to the newest that has been read; None where they are not counted."""
        if not self._contract.counts:
            return None
        read = [self._undated] if self._contract.loads_nulls else []
        if highest is not None:
            read.append({"$and": [self._dated, {self._contract.field: {"$lte": self._value(highest)}}]})
        return self._count({"$or": read}) if read else 0

    def verify(self, _stream: Stream) -> None:
        """Complain about documents that no run can find: those without a cursor."""
        count = 0 if self._contract.loads_nulls else self._count(self._undated)
        if count:
            kind = "date" if self._contract.cursor.form == "iso" else "number"
            raise self._error(
                f'has {count} documents in {{place}} without a {kind} in "{self._contract.field}", so no run '
                "can find them; all others are stored",
                'correct them there, or set "nulls": "load" to load them as well',
            )

    def _count(self, condition: Condition) -> int:
        self._budget.call()
        with self._translating():
            return self._collection.count_documents(
                _all(self._filter, condition), maxTimeMS=QUERY_MILLISECONDS
            )

    def _page(self, since: float | None, position: Position) -> tuple[list[dict[str, Any]], str | None]:
        """The records of a page, and the place of the last one if there may be more."""
        undated = position["undated"]
        order = [_ID] if undated else [self._contract.field, _ID]
        conditions = [self._filter, self._undated if undated else self._dated]
        if since is not None and not undated:
            conditions.append({self._contract.field: {"$gte": self._value(since)}})
        if position["after"]:
            conditions.append(_from(order, from_kept(position["after"])))
        # One more than a page has: the first is the last of the page before.
        limit = self._contract.documents_per_page + 1

        self._budget.call()
        records: list[dict[str, Any]] = []
        place = None
        size = 0
        with (
            self._translating(),
            self._packed.find(
                _all(*conditions),
                self._projection(),
                sort=[(name, 1) for name in order],
                limit=limit,
                batch_size=min(limit, _BATCH),
                max_time_ms=QUERY_MILLISECONDS,
            ) as found,
        ):
            for packed in found:
                record = self._unpacking.record(packed)
                records.append(record)
                size += sum(map(size_of, record.values()))
                if size >= PAGE_BYTES or len(records) == limit:
                    place = as_kept([self._unpacking.value(packed, name) for name in order])
                    if place != position["after"]:
                        return records, place
        return records, place if len(records) == limit else None

    def _projection(self) -> list[str] | None:
        """The fields that are fetched; all where the contract names none."""
        fields = self._contract.fields
        if not fields:
            return None
        # A field and a part of it are refused together.
        known = any(
            self._contract.field == name or self._contract.field.startswith(f"{name}.") for name in fields
        )
        return [*fields] if known else [*fields, self._contract.field]

    def _must_exist(self) -> None:
        """Complain about a collection that is not there: MongoDB treats it as an empty one."""
        self._budget.call()
        with self._translating():
            name = self._contract.collection
            there = self._collection.database.list_collection_names(
                filter={"name": name}, authorizedCollections=True
            )
        if name not in there:
            raise self._error(
                "does not have {place}",
                'see whether "collection", and "dbname" in the secret "{secret}", are spelt as there',
            )

    def _value(self, value: float) -> Any:
        """A value of a state as the field has it."""
        match self._contract.cursor.form:
            case "iso":
                return DatetimeMS(round(value * 1_000))
            case "epoch-milliseconds":
                return round(value * 1_000)
            case _ if abs(value) < EXACT:
                return value
            case _:
                return self._contract.cursor.integer(value)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except PyMongoError as error:
            raise translated(error, self._contract) from None

    def _error(self, what: str, remedy: str) -> ConnectorError:
        return ConnectorError(sentence(self._contract, what, remedy))


def _all(*conditions: Condition) -> Condition:
    return {"$and": [condition for condition in conditions if condition]}


def _from(order: Sequence[str], values: Sequence[Any]) -> Condition:
    """Not before a place in the order."""
    *cursor, identity = values
    later = [{_ID: {"$gte": identity}}, {_ID: {"$type": types_after(identity)}}]
    if not cursor:
        return {"$or": later}
    return {"$and": [{order[0]: {"$gte": cursor[0]}}, {"$or": [{order[0]: {"$gt": cursor[0]}}, *later]}]}
