"""What the extensions remember: objects that DuckDB has no notion of, as JSON documents in the account's
database."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

Properties = dict[str, Any]
Name = tuple[str, ...]
"""A qualified name: database, schema and name, or the name alone where objects belong to the account."""

_TABLE = "_fs_global._local.objects"
_CREATION = f"""
CREATE SCHEMA IF NOT EXISTS _fs_global._local;
CREATE TABLE IF NOT EXISTS {_TABLE} (
    kind VARCHAR, database_name VARCHAR, schema_name VARCHAR, name VARCHAR, properties JSON,
    created_on TIMESTAMPTZ,
    PRIMARY KEY (kind, database_name, schema_name, name)
);
"""
_SAME = "kind = ? AND database_name = ? AND schema_name = ? AND name = ?"


class Store:
    """Documents by kind ("STAGE", …) and qualified name. Every change is committed at once; what is asked for
    by name, as every statement does, is answered from memory.

    It has a connection of its own: a session's open transaction may have written to a database already, and
    DuckDB lets a transaction write to one only.
    """

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection.cursor()
        self._lock = threading.RLock()
        self._changes: Counter[str] = Counter()
        self._connection.execute(_CREATION)
        kept = self._query(f"SELECT kind, database_name, schema_name, name, properties FROM {_TABLE}", [])  # noqa: S608
        self._documents: dict[tuple[str, ...], str] = {tuple(key): properties for *key, properties in kept}

    def get(self, kind: str, name: Name) -> Properties | None:
        """The document of an object, if there is one."""
        text = self._documents.get((kind, *three_parts(name)))
        return None if text is None else json.loads(text)

    def changes(self, *kinds: str) -> tuple[int, ...]:
        """How often documents of some kinds have changed: while it stays, so does what follows from them."""
        return tuple(self._changes[kind] for kind in kinds)

    def put(self, kind: str, name: Name, properties: Properties) -> None:
        """Keep a document, in place of the one of the same name."""
        key, text = (kind, *three_parts(name)), json.dumps(properties)
        with self._lock:
            self._query(
                f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, now()) "  # noqa: S608
                "ON CONFLICT (kind, database_name, schema_name, name) "
                "DO UPDATE SET properties = excluded.properties",
                [*key, text],
            )
            self._documents[key] = text
            self._changes[kind] += 1

    def delete(self, kind: str, name: Name) -> bool:
        """Forget a document; returns whether there was one."""
        with self._lock:
            there = self._documents.pop((kind, *three_parts(name)), None) is not None
            self._query(f"DELETE FROM {_TABLE} WHERE {_SAME}", [kind, *three_parts(name)])  # noqa: S608
            self._changes[kind] += 1
        return there

    def all(self, kind: str, within: Name = ()) -> Iterator[tuple[Name, Properties, datetime]]:
        """Names, documents and creation times of the objects of the account, a database or a schema,
        sorted."""
        condition, values = inside(within)
        rows = self._query(
            f"SELECT database_name, schema_name, name, properties, created_on FROM {_TABLE} "  # noqa: S608
            f"WHERE kind = ? AND {condition} ORDER BY ALL",
            [kind, *values],
        )
        for database, schema, name, properties, created_on in rows:
            qualified = tuple(part for part in (database, schema, name) if part)
            yield qualified, json.loads(properties), created_on

    def forget_within(self, within: Name) -> None:
        """Forget the objects of a dropped database or schema."""
        condition, values = inside(within)
        with self._lock:
            self._query(f"DELETE FROM {_TABLE} WHERE {condition}", values)  # noqa: S608
            for key in [key for key in self._documents if list(key[1 : len(within) + 1]) == values]:
                del self._documents[key]
                self._changes[key[0]] += 1

    def _query(self, sql: str, parameters: list[Any]) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()


def three_parts(name: Name) -> list[str]:
    """A name with empty parts where it has none: objects of the account belong to no database."""
    return ["", "", *name][-3:]


def inside(within: Name) -> tuple[str, list[str]]:
    """A condition on database_name, schema_name and name, and its values; within as many parts as given."""
    columns = ["database_name", "schema_name", "name"][: len(within)]
    return " AND ".join(["true", *(f"{column} = ?" for column in columns)]), list(within)
