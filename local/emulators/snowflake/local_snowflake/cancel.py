"""The end of another session's statements (extension "cancel").

dbt cancels its statements so when it is interrupted ("SYSTEM$CANCEL_ALL_QUERIES", Snowflake SQL reference).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlglot import exp

from local_snowflake import errors, session
from local_snowflake.pinned import private, replace

_cursor = private("cancel", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

_NAME = "SYSTEM$CANCEL_ALL_QUERIES"


class RunningStatements:
    """Which sessions have a statement running."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Any] = set()

    @contextmanager
    def running(self, connection: Any) -> Iterator[None]:
        """While a statement of a session runs."""
        with self._lock:
            self._running.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(connection)

    def cancel(self, asking: Any, identity: int) -> int:
        """End the statements of a session; returns how many. Only its own user is let."""
        connection = session.of(identity)
        if connection is None:
            return 0
        if session.user(connection) != session.user(asking):
            raise errors.not_authorized(f"cancel the queries of session {identity}")
        with self._lock:
            if connection is asking or connection not in self._running:
                return 0
            connection._duck_conn.interrupt()
            return 1

    def end(self, connection: Any) -> None:
        """End what a session runs, since the session ends."""
        with self._lock:
            if connection in self._running:
                connection._duck_conn.interrupt()


def install(statements: RunningStatements) -> None:
    """Answer the function by what it has ended."""

    def build(original: Any) -> Any:
        def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
            for function in [f for f in expression.find_all(exp.Anonymous) if f.name.upper() == _NAME]:
                argument = function.expressions[0] if function.expressions else None
                if not isinstance(argument, exp.Literal) or not argument.name.isdigit():
                    raise errors.syntax(f"{_NAME} takes the id of a session")
                count = statements.cancel(self._conn, int(argument.name))
                function.replace(exp.Literal.string(f"{count} cancelled."))
            return original(self, expression, params)

        return transform

    replace(_cursor.FakeSnowflakeCursor, "_transform", build)
