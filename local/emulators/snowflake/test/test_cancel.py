"""Statements that another session ends, or whose own session does."""

import threading
import time
from collections.abc import Callable

from snowflake.connector.errors import Error
from support import Session

# Runs for minutes unless it is ended.
_NUMBERS = "SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10000000"
_LONG = f"WITH RECURSIVE n AS ({_NUMBERS}) SELECT MAX(i) FROM n"  # noqa: S608


def started(session: Session) -> tuple[threading.Thread, list[Error]]:
    """A long statement of a session, and the errors that it ends with."""
    failures: list[Error] = []

    def ask() -> None:
        try:
            session.rows(_LONG)
        except Error as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    assert thread.is_alive(), failures
    return thread, failures


def test_all_statements_of_a_session_are_cancelled(
    session: Session, open_session: Callable[..., Session]
) -> None:
    other = open_session()
    thread, failures = started(other)
    cancel = f"SELECT SYSTEM$CANCEL_ALL_QUERIES({other.connection.session_id})"
    assert session.value(cancel) == "1 cancelled."
    thread.join(20)
    assert [(error.errno, error.sqlstate) for error in failures] == [(604, "57014")]
    assert session.value(cancel) == "0 cancelled."
    assert other.value("SELECT 1") == 1


def test_nobody_cancels_the_statements_of_another_user(
    session: Session, open_session: Callable[..., Session]
) -> None:
    other = open_session(user="SOMEBODY")
    cancel = f"SELECT SYSTEM$CANCEL_ALL_QUERIES({other.connection.session_id})"
    assert session.refusal(cancel)[:2] == (3001, "42501")


def test_a_statement_whose_session_ends_is_cancelled(open_session: Callable[..., Session]) -> None:
    other = open_session()
    thread, failures = started(other)
    other.connection.rest.delete_session()
    thread.join(20)
    assert [(error.errno, error.sqlstate) for error in failures] == [(604, "57014")]
