"""Databases: files that DuckDB attaches (extension "databases")."""

from typing import Any

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.catalogue import schemas
from local_snowflake.engine import Engine, check_database_name
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.lifecycle import dropped, kept
from local_snowflake.pinned import private
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Store

private("databases", "fakesnow.conn", "FakeSnowflakeConnection.schema")

KIND = "DATABASE"
_SETTABLE = {"COMMENT", "DATA_RETENTION_TIME_IN_DAYS"}
_COLUMNS = columns(
    "created_on name is_default is_current origin owner comment options retention_time kind owner_role_type"
)


class Databases:
    """The statements on databases."""

    def __init__(self, store: Store, engine: Engine, grants: Grants, tables: ExternalTables) -> None:
        self._store = store
        self._engine = engine
        self._grants = grants
        self._tables = tables

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE DATABASE": self._create,
            "CREATE TRANSIENT DATABASE": self._create,
            "ALTER DATABASE": self._alter,
            "DROP DATABASE": self._drop,
            "SHOW DATABASES": self._show,
            "DESC DATABASE": _refuse_describe,
        }

    def exists(self, name: str) -> bool:
        """Whether there is such a database."""
        return name in self._engine.databases()

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.reader.identifier()
        check_database_name(name)
        options = schemas.checked(call.reader.options(), _SETTABLE)
        call.reader.end()
        if call.replace and self.exists(name):
            raise errors.unsupported("CREATE OR REPLACE DATABASE of one that exists; drop it first")
        if answer := kept(call, self.exists(name), keep, (name,)):
            return answer
        owner = session.role(call.cursor._conn)
        self._engine.create(name)
        self._store.put(KIND, (name, "", ""), {"owner": owner, "comment": options.get("COMMENT", "")})
        schemas.record(self._store, self._engine, (name, "PUBLIC"), owner)
        schemas.make_current(call.cursor, (name, "PUBLIC"))
        return status(f"Database {name} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        found = self._store.get(KIND, (name, "", ""))
        if found is None:
            return dropped(False, optional, "Database", (name,))
        if not call.reader.accept("SET"):
            raise errors.unsupported(f"ALTER DATABASE … {call.reader.rest()}")
        options = schemas.checked(call.reader.options(), _SETTABLE)
        self._store.put(KIND, (name, "", ""), {**found, "comment": options.get("COMMENT", found["comment"])})
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        if not call.reader.accept("CASCADE"):
            call.reader.accept("RESTRICT")
        call.reader.end()
        there = self.exists(name)
        if there:
            schemas.leave(call.cursor, (name,))
            self._engine.drop(name)
            self._tables.forget_within((name,))
            self._store.forget_within((name,))
            self._grants.forget_object("DATABASE", (name,))
        return dropped(there, optional, "Database", (name,))

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = []
        for name, found, created in self._store.all(KIND):
            if asked.matches(name[0]):
                current = "Y" if name[0] == call.database else "N"
                rows.append(
                    (
                        created,
                        name[0],
                        "N",
                        current,
                        "",
                        found["owner"],
                        found["comment"],
                        "",
                        "1",
                        "STANDARD",
                        "ROLE",
                    )
                )
        if call.terse:
            terse: list[tuple[Any, ...]] = [(row[0], row[1], "STANDARD", None, None) for row in rows]
            return Answer(schemas.TERSE, first(terse, asked.limit))
        return Answer(_COLUMNS, first(rows, asked.limit))


def _refuse_describe(_: Call) -> Answer:
    raise errors.unsupported("DESCRIBE DATABASE; use SHOW SCHEMAS IN DATABASE")
