"""Which files of external tables a query has read (extension "files-read").

Snowflake shows partitions scanned and in total in a query's profile. Here DuckDB logs every file that it
opens, by connection and query, so that the answer is what happened and not what was planned.
"""

import json
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from local_snowflake import session
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.pinned import private

private("files-read", "fakesnow.cursor", "FakeSnowflakeCursor.sfqid")

_REMEMBERED = 500
_MAX_STATEMENT_LENGTH = 20_000
# Asked first: it costs a third, and most statements have opened nothing there.
_ANY_OPENED = "SELECT 1 FROM duckdb_logs() WHERE contains(message, ?) LIMIT 1"
_IDENTITY = "SELECT current_connection_id()"
_OPENED = """
SELECT DISTINCT path FROM duckdb_logs_parsed('FileSystem')
WHERE op = 'OPEN' AND connection_id = ? AND query_id > ? AND starts_with(path, ?)
"""


class FilesRead:
    """Remembers the last queries that have read files of external tables."""

    def __init__(self, connection: DuckDBPyConnection, tables: ExternalTables, folder: Path) -> None:
        self._tables = tables
        self._folder = f"{folder}/"
        # The log's messages are JSON.
        self._folder_in_log = json.dumps(self._folder, ensure_ascii=False)[1:-1]
        self._log = connection.cursor()
        self._lock = threading.Lock()
        self._running = 0
        self._identities: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._queries: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._log.execute("CALL enable_logging('FileSystem')")

    @contextmanager
    def watch(self, cursor: Any, statement: str) -> Iterator[None]:
        """Around a statement: remember what it reads."""
        started_at = time.time()
        with self._lock:
            self._running += 1
            after_query = self._last_query()
            identity = self._identity(cursor)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                opened = self._opened(identity, after_query)
                if self._running == 0:
                    self._log.execute("CALL truncate_duckdb_logs()")
            tables = self._by_table(opened) if opened else {}
            if tables:
                query = {"queryId": cursor.sfqid, "user": session.user(cursor._conn), "startedAt": started_at}
                query |= {
                    "seconds": round(time.time() - started_at, 3),
                    "statement": statement[:_MAX_STATEMENT_LENGTH],
                }
                self._queries.append({**query, "externalTables": tables})

    def queries(self) -> list[dict[str, Any]]:
        """The queries, oldest first: id, user, start (s since 1970), duration (s), text, and by table the
        files read ("read": keys) and had ("of")."""
        return list(self._queries)

    def _last_query(self) -> int:
        row = self._log.execute("SELECT current_query_id()").fetchone()
        return int(row[0]) if row else 0

    def _identity(self, cursor: Any) -> int:
        """DuckDB's number of a session's connection; asked before a statement, whose result it would take
        away."""
        connection = cursor._conn
        if connection not in self._identities:
            self._identities[connection] = int(cursor._duck_conn.execute(_IDENTITY).fetchone()[0])
        return self._identities[connection]

    def _opened(self, identity: int, after_query: int) -> list[str]:
        if not self._log.execute(_ANY_OPENED, [self._folder_in_log]).fetchone():
            return []
        return [
            str(path)
            for (path,) in self._log.execute(_OPENED, [identity, after_query, self._folder]).fetchall()
        ]

    def _by_table(self, paths: list[str]) -> dict[str, Any]:
        """Copies lie at <version>/<bucket>/<key> below the folder."""
        objects = [path.removeprefix(self._folder).split("/", 2)[1:] for path in paths]
        found: dict[str, Any] = {}
        for name, definition in self._tables.all():
            keys = sorted(
                k for bucket, k in objects if bucket == definition.bucket and k.startswith(definition.prefix)
            )
            if keys:
                found[".".join(name)] = {"read": keys, "of": len(self._tables.files(name))}
        return found
