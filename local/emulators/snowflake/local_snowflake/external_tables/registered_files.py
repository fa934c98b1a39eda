"""Which files an external table has: what a query sees, until a refresh changes it."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from local_snowflake.external_tables.s3_objects import RemoteFile
from local_snowflake.store import Name, inside

_TABLE = "_fs_global._local.external_files"
_CREATION = f"""
CREATE TABLE IF NOT EXISTS {_TABLE} (
    database_name VARCHAR, schema_name VARCHAR, name VARCHAR, key VARCHAR, etag VARCHAR, size BIGINT,
    last_modified TIMESTAMPTZ, schema_id VARCHAR, registered_on TIMESTAMPTZ,
    PRIMARY KEY (database_name, schema_name, name, key)
);
"""


@dataclass(frozen=True)
class RegisteredFile:
    """A version of an object that a table has. schema_id: of its Parquet schema, see objects.py."""

    key: str
    etag: str
    size: int
    last_modified: datetime
    schema_id: str
    registered_on: datetime


class RegisteredFiles:
    """The files of every external table, kept in the account's database."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection.cursor()
        self._lock = threading.Lock()
        self._connection.execute(_CREATION)

    def of(self, table: Name) -> list[RegisteredFile]:
        """The files of a table, by key."""
        condition, values = inside(table)
        rows = self._query(
            f"SELECT key, etag, size, last_modified, schema_id, registered_on FROM {_TABLE} "  # noqa: S608
            f"WHERE {condition} ORDER BY key",
            values,
        )
        return [RegisteredFile(*row) for row in rows]

    def add(self, table: Name, file: RemoteFile, schema_id: str) -> None:
        """Give a table a file, in place of an earlier version of it."""
        self._query(
            f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, now())",  # noqa: S608
            [*table, file.key, file.etag, file.size, file.last_modified, schema_id],
        )

    def remove(self, table: Name, keys: Iterable[str]) -> None:
        """Take files from a table."""
        condition, values = inside(table)
        self._query(
            f"DELETE FROM {_TABLE} WHERE {condition} AND key IN (SELECT unnest(?::VARCHAR[]))",  # noqa: S608
            [*values, list(keys)],
        )

    def forget(self, within: Name) -> None:
        """Take all files from a table, or from all tables of a schema or database."""
        condition, values = inside(within)
        self._query(f"DELETE FROM {_TABLE} WHERE {condition}", values)  # noqa: S608

    def in_use(self, etag: str, key: str) -> bool:
        """Whether any table has this version of an object."""
        return bool(self._query(f"SELECT 1 FROM {_TABLE} WHERE etag = ? AND key = ?", [etag, key]))  # noqa: S608

    def _query(self, sql: str, parameters: list[Any]) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()
