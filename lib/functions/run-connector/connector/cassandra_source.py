"""The rows of a table of Cassandra, page by page, in the order in which the cluster keeps them.

A page's place is the driver's paging state, which outlasts the session: a run goes on where another one
ended.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cassandra import InvalidRequest

from connector.budget import Budget
from connector.cassandra_contract import CassandraContract
from connector.cassandra_errors import DRIVER_ERRORS, refuses_position, sentence, translated
from connector.cassandra_login import Login
from connector.cassandra_values import as_json
from connector.contract import Stream
from connector.errors import ConnectorError
from connector.page import Page
from connector.sql_values import size_of
from connector.state import Position

# Text of a page: large rows must not fill the memory (bytes). A first page is small, because nobody knows yet
# how large the rows are; each later one may have so many times the rows of the one before.
_PAGE_BYTES = 16 * 1024**2
_FIRST_ROWS = 4
_GROWTH = 25

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CassandraSource:
    """The table of a contract. Raises ConnectorError and SourceUnavailableError."""

    def __init__(self, contract: CassandraContract, secret: Mapping[str, Any], budget: Budget) -> None:
        self._contract = contract
        self._budget = budget
        self._login = Login(contract, secret)
        # Rows of the table, where the last pass read all of them.
        self._rows: int | None = None
        self._undated = 0

    def pages(self, _stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
        """The rows: all of them, or with an index those from a value of the cursor on."""
        since = since if self._contract.indexed else None
        query = self._query(since)
        state = _state_of(query, position)
        try:
            yield from self._read(query, since, state)
        except DRIVER_ERRORS as error:
            if state is None or not refuses_position(error):
                raise translated(error, self._contract) from None
            # The cluster no longer knows the place. What is stored already is known by its content.
            try:
                yield from self._read(query, since, None)
            except DRIVER_ERRORS as again:
                raise translated(again, self._contract) from None

    def count(self, _stream: Stream, _highest: float | None) -> int | None:
        """Rows of the table, where this call of the function has read it from its beginning to its end.

        Not asked for: the cluster would read the whole table once more.
        """
        return self._rows

    def verify(self, _stream: Stream) -> None:
        """Complain about rows that no later run can find: those without a cursor, where an index is asked."""
        if self._contract.indexed and self._undated:
            raise ConnectorError(
                sentence(
                    self._contract,
                    f'has {self._undated} rows in {{place}} without a value in "{{column}}", so later runs '
                    "do not find them by its index; all rows are stored",
                    'fill them in there, or leave "indexed" out of the contract',
                )
            )

    def _read(self, query: str, since: float | None, state: bytes | None) -> Iterator[Page]:
        whole = since is None and state is None
        rows, self._rows, self._undated = 0, None, 0
        limit = self._contract.rows_per_page
        with self._login.session() as session:
            statement = session.prepare(query).bind(() if since is None else (self._value(since),))
            statement.fetch_size = min(limit, _FIRST_ROWS)
            while True:
                self._budget.call()
                result = session.execute(statement, paging_state=state)
                if self._contract.column not in result.column_names:
                    # Where all columns are asked for, the cluster does not miss it.
                    raise InvalidRequest("Undefined column name")
                records = [
                    {name: as_json(value) for name, value in row.items()} for row in result.current_rows
                ]
                state = result.paging_state
                del result
                rows += len(records)
                self._undated += sum(record[self._contract.column] is None for record in records)
                statement.fetch_size = _following(statement.fetch_size, records, limit)
                if state is None:
                    break
                yield Page(records, {"paging": base64.b64encode(state).decode(), "query": _name(query)})
        if whole:
            self._rows = rows
        yield Page(records, None)

    def _query(self, since: float | None) -> str:
        contract = self._contract
        names = dict.fromkeys((*contract.columns, contract.column)) if contract.columns else ()
        columns = ", ".join(map(_quoted, names)) or "*"
        query = f"SELECT {columns} FROM {_quoted(contract.keyspace)}.{_quoted(contract.table)}"  # noqa: S608
        return query if since is None else f"{query} WHERE {_quoted(contract.column)} >= ?"

    def _value(self, value: float) -> int | datetime:
        """A value of a state as the column has it, never a later one."""
        cursor = self._contract.cursor
        if cursor.form == "iso":
            return _EPOCH + timedelta(milliseconds=math.floor(value * 1_000))
        return cursor.integer(value)


def _state_of(query: str, position: Position | None) -> bytes | None:
    """The kept place; none where the contract has another query since."""
    if position is None or position["query"] != _name(query):
        return None
    return base64.b64decode(position["paging"])


def _name(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:16]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _following(fetched: int, records: list[dict[str, Any]], limit: int) -> int:
    """Rows of the next page."""
    size = sum(size_of(value) for record in records for value in record.values())
    fitting = _PAGE_BYTES * len(records) // size if size else limit
    return max(1, min(limit, fetched * _GROWTH, fitting))
