"""The rows of a table, or of a query, in the order of the cursor: page by page, by short queries.

So no transaction stays open while objects are stored, and a run goes on where another one ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy.exc
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    and_,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.types import NullType

from connector.budget import Budget
from connector.contract import Stream
from connector.errors import ConnectorError
from connector.json_text import JsonText
from connector.page import PAGE_BYTES, Page
from connector.sentence import sentence
from connector.sql_contract import SqlContract
from connector.sql_errors import translated
from connector.sql_login import engine
from connector.sql_rows import one_by_one
from connector.sql_values import as_json, as_kept, from_kept, size_of, unpacked
from connector.state import Position

# Where the rows begin, and those without a cursor.
_FIRST: Position = {"after": None, "undated": False}
_FIRST_UNDATED: Position = {"after": None, "undated": True}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SqlSource:
    """The database of a contract. Raises ConnectorError and SourceUnavailableError."""

    def __init__(self, contract: SqlContract, secret: Mapping[str, Any], budget: Budget) -> None:
        self._contract = contract
        self._budget = budget
        self._engine = engine(contract, secret)
        self._rows = _rows(contract)
        self._cursor: ColumnElement[Any] = column(contract.column)
        self._order = [contract.column, *contract.key]

    def pages(self, _stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
        """The rows from a value of the cursor on, then those without one if they are wanted.

        A page begins with the row that the last one ended with: where a key does not tell rows apart, those
        that are equal to it come once more, and are known by their content.
        """
        position = position or _FIRST
        with self._connected() as connection:
            while True:
                records, last = self._page(connection, since, position)
                if last is not None and last == position["after"]:
                    raise self._error(
                        f"has more than {self._contract.rows_per_page} rows in {{place}} that are alike in "
                        '"cursor" and "key"',
                        'name a "key" that tells them apart',
                    )
                following: Position | None = {**position, "after": last} if last is not None else None
                if following is None and not position["undated"] and self._contract.loads_nulls:
                    following = _FIRST_UNDATED
                yield Page(records, following)
                if following is None:
                    return
                position = following

    def count(self, _stream: Stream, highest: float | None) -> int | None:
        """Rows at the source, up to the newest that has been read; None where they are not counted."""
        if not self._contract.counts:
            return None
        read = self._cursor.is_(None) if self._contract.loads_nulls else false()
        return self._count(read if highest is None else or_(read, self._cursor <= self._value(highest)))

    def verify(self, _stream: Stream) -> None:
        """Complain about rows that no run can find: those without a cursor."""
        count = 0 if self._contract.loads_nulls else self._count(self._cursor.is_(None))
        if count:
            raise self._error(
                f'has {count} rows in {{place}} without a value in "{self._contract.column}", so no run '
                "can find them; all others are stored",
                'fill them in there, or set "nulls": "load" to load them as well',
            )

    def _count(self, condition: ColumnElement[bool]) -> int:
        self._budget.call()
        with self._connected() as connection:
            return connection.scalar(select(func.count()).select_from(self._rows).where(condition)) or 0

    def _page(
        self, connection: Connection, since: float | None, position: Position
    ) -> tuple[list[dict[str, Any]], list[Any] | None]:
        """The records of a page, and the place of the last one if there may be more."""
        after, undated = position["after"], position["undated"]
        order = self._order[1:] if undated else self._order
        conditions: list[ColumnElement[bool]] = [
            self._cursor.is_(None) if undated else self._cursor.is_not(None)
        ]
        if since is not None and not undated:
            conditions.append(self._cursor >= self._value(since))
        if after:
            conditions.append(_from(order, [from_kept(kept) for kept in after]))
        # One more than a page has: the first may be the last of the page before.
        limit = self._contract.rows_per_page + 1
        query = select(*self._rows.c or [text("*")]).select_from(self._rows).where(*conditions)
        query = query.order_by(*map(column, order)).limit(limit)

        self._budget.call()
        records: list[dict[str, Any]] = []
        place: list[Any] = []
        size = 0
        with connection.begin(), one_by_one(connection, query) as rows:
            for row in rows:
                record = {str(name): self._as_json(str(name), value) for name, value in row.items()}
                records.append(record)
                size += sum(map(size_of, record.values()))
                place = [as_kept(row[name]) for name in order]
                if size >= PAGE_BYTES and place != after:
                    return records, place
        return records, place if len(records) == limit else None

    def _as_json(self, name: str, value: Any) -> Any:
        if isinstance(value, JsonText) or (isinstance(value, str) and name in self._contract.json):
            return unpacked(value)
        return as_json(value)

    def _value(self, value: float) -> ColumnElement[Any]:
        """A value of a state as the column has it."""
        cursor = self._contract.cursor
        if cursor.form != "iso":
            return _literal(cursor.integer(value))
        moment = _EPOCH + timedelta(microseconds=round(value * 1_000_000))
        # MySQL's times have no zone, and its sessions are in UTC.
        return _literal(moment.replace(tzinfo=None) if self._contract.engine == "mysql" else moment)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sqlalchemy.exc.DBAPIError as error:
            raise translated(error, self._contract) from None

    def _error(self, what: str, remedy: str) -> ConnectorError:
        return ConnectorError(sentence(self._contract, what, remedy))


def _rows(contract: SqlContract) -> FromClause:
    """What is selected from; it has columns where the contract names them, and those of cursor and key."""
    names = (*contract.columns, contract.column, *contract.key) if contract.columns else ()
    columns: list[ColumnClause[Any]] = [column(name) for name in dict.fromkeys(names)]
    if contract.query is not None:
        # A colon would begin a parameter.
        query = re.sub(r"(?<!:):(?=\w)", r"\\:", contract.query)
        return text(query).columns(*columns).subquery("fetched")
    *schema, name = (contract.table or "").split(".")
    return table(name, *columns, schema=".".join(schema) or None)


def _from(order: Sequence[str], values: Sequence[Any]) -> ColumnElement[bool]:
    """Not before a place in the order. Not by tuples, which MySQL compares without an index."""
    first: ColumnElement[Any] = column(order[0])
    value = _literal(values[0])
    if len(order) == 1:
        return first >= value
    return and_(first >= value, or_(first > value, _from(order[1:], values[1:])))


def _literal(value: Any) -> ColumnElement[Any]:
    """A parameter of no type: the database treats it as what the column is."""
    return literal(value, NullType())
