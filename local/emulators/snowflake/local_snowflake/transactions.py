"""Transactions as Snowflake has them (extension "transactions").

DDL commits the open transaction and is in none. DuckDB would make it part of it, and refuse it if it
touched a second database.
"""

from typing import Any

import duckdb
from sqlglot import exp

from local_snowflake.pinned import private, replace

_cursor = private("transactions", "fakesnow.cursor", "FakeSnowflakeCursor._execute")

_DDL = (exp.Create, exp.Drop, exp.Alter, exp.Comment)


def install() -> None:
    """Commit before DDL."""
    replace(_cursor.FakeSnowflakeCursor, "_execute", _committing)


def _committing(original: Any) -> Any:
    def execute(self: Any, transformed: exp.Expression, params: Any = None) -> None:
        if isinstance(transformed, _DDL):
            commit_open(self._duck_conn)
        original(self, transformed, params)

    return execute


def commit_open(connection: duckdb.DuckDBPyConnection) -> None:
    """Commit the transaction of a session, if one is open."""
    try:
        connection.commit()
    except duckdb.TransactionException as error:
        if "no transaction is active" not in str(error):
            raise
