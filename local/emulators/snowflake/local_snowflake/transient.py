"""Transient tables, of which no permanent clone is made (extension "transient"; "CREATE <object> … CLONE",
Snowflake SQL reference). DuckDB has no such kind."""

from typing import Any

from sqlglot import exp

from local_snowflake import errors
from local_snowflake.catalogue import named_tables
from local_snowflake.pinned import private, replace
from local_snowflake.store import Store

_cursor = private(
    "transient", "fakesnow.cursor", "FakeSnowflakeCursor._transform", "FakeSnowflakeCursor._execute"
)

KIND = "TRANSIENT"
_MADE = "local_transient"


class TransientTables:
    """Remembers which tables are transient."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def install(self) -> None:
        """Refuse permanent clones of transient tables."""
        replace(_cursor.FakeSnowflakeCursor, "_transform", self._checking)
        replace(_cursor.FakeSnowflakeCursor, "_execute", self._remembering)

    def _checking(self, original: Any) -> Any:
        def transform(cursor: Any, expression: exp.Expr, params: Any) -> Any:
            if not (isinstance(expression, exp.Create) and expression.kind == "TABLE"):
                return original(cursor, expression, params)
            properties = expression.args.get("properties") or exp.Properties()
            transient = properties.find(exp.TransientProperty) is not None
            permanent = not transient and properties.find(exp.TemporaryProperty) is None
            current = (cursor._conn.database, cursor._conn.schema)
            for clone in expression.find_all(exp.Clone):
                source = named_tables.full_name(clone.this, *current)
                if permanent and source and self._store.get(KIND, source) is not None:
                    raise errors.permanent_clone_of_transient()
            target = named_tables.written(expression)
            name = target and named_tables.full_name(target, *current)
            transformed = original(cursor, expression, params)
            transformed.args[_MADE] = (name, transient)
            return transformed

        return transform

    def _remembering(self, original: Any) -> Any:
        def execute(cursor: Any, transformed: exp.Expr, params: Any = None) -> None:
            name, transient = transformed.args.pop(_MADE, (None, False))
            original(cursor, transformed, params)
            if name and transient:
                self._store.put(KIND, name, {})
            elif name:
                self._store.delete(KIND, name)

        return execute
