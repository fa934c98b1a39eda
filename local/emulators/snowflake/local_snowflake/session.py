"""Who a session is: its user, role and warehouse (extension "session")."""

import itertools
import weakref
from typing import Any

from local_snowflake.pinned import private
from local_snowflake.sql import literal
from local_snowflake.statements import Answer, Call, Handlers, status

private("session", "fakesnow.conn", "FakeSnowflakeConnection.__init__")

_NUMBERS = itertools.count(1)
_SESSIONS: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

ADMINISTRATOR = "ACCOUNTADMIN"
"""The role of whoever logs in as a user that nobody created, and asks for no other."""

NEW_ACCOUNTS_TIME_ZONE = "America/Los_Angeles"
"""The default of the parameter TIMEZONE ("Parameters", Snowflake SQL reference)."""


def begin(connection: Any, user: str, role: str, warehouse: str | None, zone: str) -> int:
    """Give a new session its user, role, warehouse and the clock of a time zone (IANA); returns its id."""
    connection.local_user = user
    connection.local_role = role
    connection.local_warehouse = warehouse
    set_time_zone(connection, zone)
    identity = next(_NUMBERS)
    _SESSIONS[identity] = connection
    return identity


def of(identity: int) -> Any:
    """The connection of a session by its id; None if there is none."""
    return _SESSIONS.get(identity)


def set_time_zone(connection: Any, zone: str) -> None:
    """Give the session the clock of another time zone (IANA)."""
    connection._duck_conn.execute(f"SET SESSION TimeZone = {literal(zone)}")


def handlers() -> Handlers:
    """Handlers by verb and noun."""
    return {"ALTER SESSION": _alter}


def _alter(call: Call) -> Answer | None:
    """The time zone is set here; what else a session can be told is left to fakesnow."""
    if not call.reader.accept("SET", "TIMEZONE"):
        return None
    call.reader.expect("=")
    set_time_zone(call.cursor._conn, call.reader.string())
    call.reader.end()
    return status()


def user(connection: Any) -> str:
    """The session's user."""
    found: str = connection.local_user
    return found


def role(connection: Any) -> str:
    """The session's current role, which owns what the session creates."""
    found: str = connection.local_role
    return found


def warehouse(connection: Any) -> str | None:
    """The session's current warehouse."""
    found: str | None = connection.local_warehouse
    return found


def use_role(connection: Any, name: str) -> None:
    """Change the session's role."""
    connection.local_role = name


def use_warehouse(connection: Any, name: str) -> None:
    """Change the session's warehouse."""
    connection.local_warehouse = name
