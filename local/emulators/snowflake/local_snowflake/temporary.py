"""Temporary tables and views (extension "temporary").

DuckDB keeps those outside of every database, so that they cannot have a qualified name, which dbt gives
them. Here they are tables and views of their schema that go with their session; one session's are visible
to the others.
"""

import threading
import weakref
from typing import Any

from sqlglot import exp

from local_snowflake import errors
from local_snowflake.catalogue.relations import Relations
from local_snowflake.engine import Engine
from local_snowflake.pinned import private, replace
from local_snowflake.sql import identifier
from local_snowflake.store import Name, Store

_cursor = private("temporary", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

KIND = "TEMPORARY"


class TemporaryRelations:
    """Which relations are temporary, and of which session."""

    def __init__(self, store: Store, engine: Engine, relations: Relations) -> None:
        self._store = store
        self._engine = engine
        self._relations = relations
        self._of_session: weakref.WeakKeyDictionary[Any, set[Name]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Make CREATE TEMPORARY create what its session's end drops."""
        replace(_cursor.FakeSnowflakeCursor, "_transform", self._build)

    def start(self) -> None:
        """Drop what the sessions of an earlier start have left."""
        for name, _, _ in list(self._store.all(KIND)):
            self._drop(name)

    def end(self, connection: Any) -> None:
        """Drop what a session has created."""
        with self._lock:
            names = self._of_session.pop(connection, set())
        for name in names:
            self._drop(name)

    def _build(self, original: Any) -> Any:
        def transform(cursor: Any, expression: exp.Expression, params: Any) -> Any:
            transformed = original(cursor, expression, params)
            if isinstance(transformed, exp.Create) and transformed.kind in ("TABLE", "VIEW"):
                self._make_ordinary(cursor, transformed)
            return transformed

        return transform

    def _make_ordinary(self, cursor: Any, create: exp.Create) -> None:
        properties = create.args.get("properties")
        temporary = properties and properties.find(exp.TemporaryProperty)
        table = create.find(exp.Table)
        if not temporary or table is None:
            return
        temporary.pop()
        connection = cursor._conn
        name = (table.catalog or connection.database, table.db or connection.schema, table.name)
        self._check(connection, name)
        self._store.put(KIND, name, {})
        with self._lock:
            self._of_session.setdefault(connection, set()).add(name)

    def _check(self, connection: Any, name: Name) -> None:
        own = name in self._of_session.get(connection, set())
        if not own and self._relations.all(name):
            raise errors.unsupported(f"temporary object that hides another of its name, {'.'.join(name)}")

    def _drop(self, name: Name) -> None:
        self._store.delete(KIND, name)
        for relation in self._relations.all(name):
            kind = "VIEW" if relation.kind == "VIEW" else "TABLE"
            qualified = ".".join(identifier(part) for part in name)
            self._engine.duck_conn.cursor().execute(f"DROP {kind} IF EXISTS {qualified}")
