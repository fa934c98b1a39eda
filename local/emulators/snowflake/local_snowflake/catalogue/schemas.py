"""Schemas."""

from typing import Any

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.engine import Engine
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.governance.tags import Tags
from local_snowflake.lifecycle import dropped, kept
from local_snowflake.show import Filter, first
from local_snowflake.sql import identifier
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Name, Properties, Store

KIND = "SCHEMA"
TERSE = ["created_on", "name", "kind", "database_name", "schema_name"]
_SETTABLE = {"COMMENT", "DATA_RETENTION_TIME_IN_DAYS"}
_COLUMNS = columns(
    "created_on name is_default is_current database_name owner comment options retention_time owner_role_type"
)


class Schemas:
    """The statements on schemas."""

    def __init__(
        self, store: Store, engine: Engine, grants: Grants, tables: ExternalTables, tags: Tags
    ) -> None:
        self._store = store
        self._tags = tags
        self._engine = engine
        self._grants = grants
        self._tables = tables

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE SCHEMA": self._create,
            "CREATE TRANSIENT SCHEMA": self._create,
            "ALTER SCHEMA": self._alter,
            "DROP SCHEMA": self._drop,
            "SHOW SCHEMAS": self._show,
        }

    def exists(self, name: Name) -> bool:
        """Whether there is such a schema."""
        return self._store.get(KIND, (*name, "")) is not None

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = _name(call)
        managed = call.reader.accept("WITH", "MANAGED", "ACCESS")
        options = checked(call.reader.options(), _SETTABLE)
        call.reader.end()
        if name[0] not in self._engine.databases():
            raise errors.does_not_exist("Database", name[0])
        if answer := kept(call, self.exists(name), keep, name):
            return answer
        if self.exists(name):
            self._remove(call, name)
        record(
            self._store,
            self._engine,
            name,
            session.role(call.cursor._conn),
            options.get("COMMENT", ""),
            managed,
        )
        make_current(call.cursor, name)
        return status(f"Schema {name[1]} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = _name(call)
        found = self._store.get(KIND, (*name, ""))
        if found is None:
            return dropped(False, optional, "Schema", name)
        if call.reader.accept("ENABLE", "MANAGED", "ACCESS"):
            found["managed"] = True
        elif call.reader.accept("DISABLE", "MANAGED", "ACCESS"):
            found["managed"] = False
        elif call.reader.accept("SET", "TAG"):
            return self._tags.set_on_schema(call, name)
        elif call.reader.accept("SET"):
            found["comment"] = checked(call.reader.options(), _SETTABLE).get("COMMENT", found["comment"])
        else:
            raise errors.unsupported(f"ALTER SCHEMA … {call.reader.rest()}")
        call.reader.end()
        self._store.put(KIND, (*name, ""), found)
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = _name(call)
        if not call.reader.accept("CASCADE"):
            call.reader.accept("RESTRICT")
        call.reader.end()
        there = self.exists(name)
        if there:
            self._remove(call, name)
            self._grants.forget_object("SCHEMA", name)
        return dropped(there, optional, "Schema", name)

    def _remove(self, call: Call, name: Name) -> None:
        leave(call.cursor, name)
        self._engine.drop_schema(*name)
        self._tables.forget_within(name)
        self._store.forget_within(name)

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        # A name after IN is a database here, though elsewhere it is a schema.
        within = (
            asked.name
            if asked.name
            else ()
            if asked.scope == "ACCOUNT"
            else (call.database,)
            if call.database
            else ()
        )
        if within and within[0] not in self._engine.databases():
            raise errors.does_not_exist("Database", within[0])
        rows = []
        for name, found, created in self._store.all(KIND, within):
            if asked.matches(name[1]):
                current = "Y" if name == (call.database, call.schema) else "N"
                options = "MANAGED ACCESS" if found["managed"] else ""
                rows.append(
                    (
                        created,
                        name[1],
                        "N",
                        current,
                        name[0],
                        found["owner"],
                        found["comment"],
                        options,
                        "1",
                        "ROLE",
                    )
                )
        if call.terse:
            terse = [(row[0], row[1], None, row[4], None) for row in rows]
            return Answer(TERSE, first(terse, asked.limit))
        return Answer(_COLUMNS, first(rows, asked.limit))


def record(
    store: Store, engine: Engine, name: Name, owner: str, comment: str = "", managed: bool = False
) -> None:
    """Create a schema."""
    engine.create_schema(*name)
    store.put(KIND, (*name, ""), {"owner": owner, "comment": comment, "managed": managed})


def checked(options: Properties, settable: set[str]) -> Properties:
    """Options of a database or schema. Raises 001420 for others."""
    for key in options:
        if key not in settable:
            raise errors.invalid_property(key)
    return options


def make_current(cursor: Any, name: Name) -> None:
    """What has just been created is the session's current database and schema, as in Snowflake."""
    cursor.execute(f"USE SCHEMA {'.'.join(identifier(part) for part in name)}")


def leave(cursor: Any, name: Name) -> None:
    """Make sure that what is dropped is not the session's current database or schema."""
    connection = cursor._conn
    if (connection.database, connection.schema)[: len(name)] != name:
        return
    cursor._duck_conn.execute(
        "SET schema = 'memory.main'" if len(name) == 1 else f"SET schema = '{name[0]}.main'"
    )
    connection._schema, connection.schema_set = None, False
    if len(name) == 1:
        connection.database, connection.database_set = None, False


def _name(call: Call) -> Name:
    name = call.reader.name()
    return name if len(name) == 2 else call.in_database(name[0])
