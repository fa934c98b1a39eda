"""Less work for each statement (extension "overhead"), of which dbt sends hundreds.

fakesnow parses a statement once to learn its type and once to run it, and has sqlglot parse the finished
DuckDB query again to describe it. Measured on a dbt build, that was a third of the server's time.
"""

import threading
from typing import Any

from local_snowflake.pinned import private, replace

_server = private("overhead", "fakesnow.server", "parse_one")
_cursor = private("overhead", "fakesnow.cursor", "parse_one", "FakeSnowflakeCursor._describe_last_sql")

# Statements that have been parsed and not been run yet: as many as there are sessions, at most.
_KEPT = 64


def install() -> None:
    """Parse a statement once, and describe a result without parsing."""
    parsed = _Parsed()
    replace(_server, "parse_one", parsed.remembering)
    replace(_cursor, "parse_one", parsed.recalling)
    replace(_cursor.FakeSnowflakeCursor, "_describe_last_sql", lambda _: _describe)


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


def _describe(cursor: Any) -> Any:
    return cursor._duck_conn.execute(f"DESCRIBE {cursor._last_sql}", cursor._last_params).fetchall()
