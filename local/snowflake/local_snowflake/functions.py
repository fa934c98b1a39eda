"""Functions that tell of the session, and those that fakesnow lacks (extension "functions")."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from local_snowflake import session
from local_snowflake.pinned import private, replace

_cursor = private("functions", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

_CONTEXT: dict[str, Callable[[Any], str | None]] = {
    "CURRENT_ROLE": session.role,
    "CURRENT_USER": session.user,
    "CURRENT_WAREHOUSE": session.warehouse,
    "CURRENT_ACCOUNT": lambda _: "LOCAL",
    "CURRENT_REGION": lambda _: "LOCAL",
    "CURRENT_DATABASE": lambda connection: connection.database,
    "CURRENT_SCHEMA": lambda connection: connection.schema,
}


def install() -> None:
    """Answer the functions from the session."""
    replace(_cursor.FakeSnowflakeCursor, "_transform", _answering)


def _answering(original: Any) -> Any:
    def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
        return original(self, expression.transform(lambda node: _value(self._conn, node)), params)

    return transform


def _value(connection: Any, node: exp.Expression) -> Any:
    if not isinstance(node, exp.Func):
        return node
    name = node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_name()
    answer = _CONTEXT.get(name)
    if answer is None:
        return node
    value = answer(connection)
    literal: exp.Expression = exp.null() if value is None else exp.Literal.string(value)
    if isinstance(node.parent, exp.Select):
        return exp.alias_(literal, f"{name}()", quoted=True)
    return literal
