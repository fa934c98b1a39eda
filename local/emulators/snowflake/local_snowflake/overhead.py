"""Less work for each statement (extension "overhead"), of which dbt sends hundreds.

fakesnow parses a statement once to learn its type and once to run it, has sqlglot parse the finished DuckDB
query again to describe it, and has DuckDB plan it again, which opens its files once more. Measured on a dbt
build, that was more than half of the server's time.
"""

import threading
from typing import Any

from sqlglot import exp

from local_snowflake.pinned import private, replace

_server = private("overhead", "fakesnow.server", "parse_one")
_cursor = private(
    "overhead",
    "fakesnow.cursor",
    "parse_one",
    "FakeSnowflakeCursor._execute",
    "FakeSnowflakeCursor._describe_last_sql",
)

# Statements that have been parsed and not been run yet: as many as there are sessions, at most.
_KEPT = 64


def install() -> None:
    """Parse a statement once, and describe a result by the types that it came with."""
    parsed = _Parsed()
    replace(_server, "parse_one", parsed.remembering)
    replace(_cursor, "parse_one", parsed.recalling)
    replace(_cursor.FakeSnowflakeCursor, "_execute", _noting_types)
    replace(_cursor.FakeSnowflakeCursor, "_describe_last_sql", _describing)


class _Parsed:
    """Hands what the server has parsed to the cursor, once: running a statement changes its expression."""

    def __init__(self) -> None:
        self._by_text: dict[str, Any] = {}
        self._lock = threading.Lock()

    def remembering(self, original: Any) -> Any:
        def parse_one(command: str) -> Any:
            expression = original(command)
            with self._lock:
                self._by_text[command] = expression
                while len(self._by_text) > _KEPT:
                    del self._by_text[next(iter(self._by_text))]
            return expression

        return parse_one

    def recalling(self, original: Any) -> Any:
        def parse_one(command: str) -> Any:
            with self._lock:
                expression = self._by_text.pop(command, None)
            return original(command) if expression is None else expression

        return parse_one


def _noting_types(original: Any) -> Any:
    """Notes the columns of a result, in the form of DuckDB's DESCRIBE, beside the result they belong to."""

    def execute(self: Any, transformed: exp.Expr, params: Any = None) -> None:
        original(self, transformed, params)
        # The result of another statement's query id comes from fakesnow's memory: DuckDB has run nothing.
        fetched_again = transformed.args.get("result_scan_sfqid")
        self.local_described = None if fetched_again else (self._arrow_table, _columns(self._duck_conn))

    return execute


def _columns(connection: Any) -> list[tuple[Any, ...]]:
    return [(name, str(kind), "YES", None, None, None) for name, kind, *_ in connection.description or []]


def _describing(original: Any) -> Any:
    def describe(self: Any) -> Any:
        described = getattr(self, "local_described", None)
        if described is not None and described[0] is self._arrow_table:
            return described[1]
        return original(self)

    return describe
