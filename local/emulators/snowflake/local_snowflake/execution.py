"""How a statement is run: by an extension or by fakesnow, and with Snowflake's errors (extension
"execution")."""

import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import duckdb
from snowflake.connector.errors import Error, ProgrammingError
from sqlglot import exp

from local_snowflake import errors, refused, session, statements
from local_snowflake.functions import DIVISION_BY_ZERO
from local_snowflake.pinned import private, replace

_cursor = private("execution", "fakesnow.cursor", "FakeSnowflakeCursor.execute")
_server = private("execution", "fakesnow.server", "parse_one", "query_request")

# Which of DuckDB's errors fakesnow lets pass, and what Snowflake calls them.
_DUCKDB_ERRORS: tuple[tuple[type[duckdb.Error], int, str], ...] = (
    (duckdb.ConstraintException, 100072, "22000"),
    (duckdb.OutOfRangeException, 100039, "22003"),
    (duckdb.InvalidInputException, 100038, "22018"),
    (duckdb.TypeMismatchException, 100038, "22018"),
    (duckdb.NotImplementedException, 2, "0A000"),
    (duckdb.IOException, 100016, "58030"),
    (duckdb.TransactionException, 625, "57014"),
    (duckdb.InterruptException, 604, "57014"),
)

Running = Callable[[Any], AbstractContextManager[None]]
"""Of a session's connection."""

Watch = Callable[[Any, str], AbstractContextManager[None]]
"""Of a cursor and its statement."""


def install(
    dispatcher: statements.Dispatcher,
    running: Running,
    note: Callable[[Any], None],
    watch: Watch,
    sent: Callable[[str, str], None],
) -> None:
    """Have every statement go to the extension that answers for it, if there is one.

    running: entered while a session has a statement running.
    note: called with the cursor when fakesnow has run a statement.
    watch: entered around every statement.
    sent: called with the user and the statement before it is run.
    """
    locks: weakref.WeakKeyDictionary[Any, threading.RLock] = weakref.WeakKeyDictionary()
    guard = threading.Lock()

    def lock_of(connection: Any) -> threading.RLock:
        with guard:
            return locks.setdefault(connection, threading.RLock())

    def build(original: Any) -> Any:
        def execute(self: Any, command: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            sent(session.user(self._conn), command)
            # A session is one DuckDB connection, which takes one statement at a time.
            with lock_of(self._conn), running(self._conn), watch(self, command):
                try:
                    answer = _answer(dispatcher, self, command, params or kwargs.get("binding_params"))
                    if answer is None:
                        original(self, command, params, *args, **kwargs)
                        note(self)
                    else:
                        statements.run(self, answer.to_sql())
                    return self
                except Exception as error:
                    translated = _translated(error)
                    self._sqlstate = translated.sqlstate
                    raise translated from error

        return execute

    replace(_cursor.FakeSnowflakeCursor, "execute", build)
    replace(_server, "parse_one", lambda original: _lenient(original, dispatcher))


def _answer(
    dispatcher: statements.Dispatcher, cursor: Any, command: str, bindings: Any
) -> statements.Answer | None:
    found = dispatcher.find(command, cursor)
    if found is None:
        refused.unknown(command.split(maxsplit=1)[0] if command.strip() else "")
        return None
    handler, call = found
    answer = handler(call)
    if answer is not None and bindings:
        raise errors.unsupported("bind variables in a statement that is not a query or DML")
    return answer


def _lenient(original: Any, dispatcher: statements.Dispatcher) -> Any:
    """The server parses a statement only to learn its type; extensions answer some that sqlglot cannot
    parse."""

    def parse_one(command: str) -> Any:
        try:
            return original(command)
        except ProgrammingError:
            if dispatcher.find(command, None) is None:
                raise
            return exp.Command(this=command.split(maxsplit=1)[0].upper(), expression="")

    return parse_one


def _translated(error: Exception) -> Error:
    if isinstance(error, Error) and error.errno is not None and error.errno > 0:
        return error
    if DIVISION_BY_ZERO in str(error):
        return errors.division_by_zero()
    for kind, code, sqlstate in _DUCKDB_ERRORS:
        if isinstance(error, kind):
            return ProgrammingError(msg=str(error).split("\n")[0], errno=code, sqlstate=sqlstate)
    if isinstance(error, NotImplementedError):
        return errors.unsupported(str(error))
    return errors.internal(error)
