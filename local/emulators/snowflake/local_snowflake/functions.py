"""Functions about the session, and division by zero (extension "functions").

DuckDB divides by zero to NULL, which would hide a fault that Snowflake reports.
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from local_snowflake import session
from local_snowflake.pinned import private, replace

_cursor = private("functions", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

DIVISION_BY_ZERO = "Division by zero"

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
    """Answer the functions from the session, and refuse to divide by zero."""
    replace(_cursor.FakeSnowflakeCursor, "_transform", _answering)


def _answering(original: Any) -> Any:
    def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
        return original(self, expression.transform(lambda node: _value(self._conn, node), copy=False), params)

    return transform


def _value(connection: Any, node: exp.Expression) -> Any:
    if isinstance(node, exp.Div):
        return _checked(node)
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


def _checked(division: exp.Div) -> exp.Div:
    divisor = division.expression
    if isinstance(divisor, exp.Nullif) or (isinstance(divisor, exp.Literal) and divisor.name.strip("0.")):
        return division
    failure = exp.func("ERROR", exp.Literal.string(DIVISION_BY_ZERO))
    is_zero = exp.EQ(this=exp.paren(divisor.copy()), expression=exp.Literal.number(0))
    division.set("expression", exp.Case().when(is_zero, failure).else_(divisor.copy()))
    return division
