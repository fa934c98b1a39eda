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
from cassandra.cluster import NoHostAvailable

from connector.budget import Budget
from connector.cassandra_connection import LARGEST_PAGE, is_too_large
from connector.cassandra_contract import CassandraContract
from connector.cassandra_errors import DRIVER_ERRORS, refuses_position, sentence, translated
from connector.cassandra_login import Login
from connector.cassandra_rows import Rows
from connector.contract import Stream
from connector.errors import ConnectorError
from connector.page import PAGE_BYTES, Page
from connector.state import Position

# A first page is small, because nobody knows yet how large the rows are; each later one may have so many
# times the rows of the one before.
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
        count, self._rows, self._undated = 0, None, 0
        records = Rows((), {}, 0)
        for records, following in self._fetch(query, since, state):
            count += len(records)
            self._undated += records.without(self._contract.column)
            if following is not None:
                yield Page(records, {"paging": base64.b64encode(following).decode(), "query": _name(query)})
        if whole:
            self._rows = count
        yield Page(records, None)

    def _fetch(
        self, query: str, since: float | None, state: bytes | None
    ) -> Iterator[tuple[Rows, bytes | None]]:
        """The rows of each page, and where the next one is. A page too large is asked for again, smaller."""
        limit = self._contract.rows_per_page
        size = min(limit, _FIRST_ROWS)
        while True:
            try:
                with self._login.session() as session:
                    statement = session.prepare(query).bind(() if since is None else (self._value(since),))
                    while True:
                        self._budget.call()
                        statement.fetch_size = size
                        result = session.execute(statement, paging_state=state)
                        rows, state = self._rows_of(session, result), result.paging_state
                        del result
                        size = _following(size, rows, limit)
                        yield rows, state
                        if state is None:
                            return
            except NoHostAvailable as error:
                if not is_too_large(error):
                    raise
                if size == 1:
                    raise self._too_large() from None
                size = max(1, size // _GROWTH)

    def _rows_of(self, session: Any, result: Any) -> Rows:
        if self._contract.column not in result.column_names:
            # Where all columns are asked for, the cluster does not miss it.
            raise InvalidRequest("Undefined column name")
        kinds = dict(zip(result.column_names, result.column_types, strict=True))
        return Rows(result.current_rows, kinds, session.cluster.protocol_version)

    def _too_large(self) -> ConnectorError:
        return ConnectorError(
            sentence(
                self._contract,
                f"has a row in {{place}} that is larger than {LARGEST_PAGE // 1024**2} MiB",
                'name the wanted "columns" in the contract, without the large one',
            )
        )

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


def _following(fetched: int, records: Rows, limit: int) -> int:
    """Rows of the next page."""
    fitting = PAGE_BYTES * len(records) // records.size if records.size else limit
    return max(1, min(limit, fetched * _GROWTH, fitting))
