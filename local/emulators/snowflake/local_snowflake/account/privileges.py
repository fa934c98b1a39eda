"""What a role needs to read an external table (extension "privileges")."""

from typing import Any

from sqlglot import exp

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.external_tables.definition import Definition
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.pinned import private, replace
from local_snowflake.store import Name

_cursor = private("privileges", "fakesnow.cursor", "FakeSnowflakeCursor._transform")


def install(tables: ExternalTables, grants: Grants) -> None:
    """Refuse statements that name an external table in a role that may not read it.

    A view reads with the privileges of its owner, who is checked as the view is made.
    """

    def build(original: Any) -> Any:
        def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
            role = session.role(self._conn)
            if role != session.ADMINISTRATOR:
                for name in _tables_in(expression, self._conn):
                    if (definition := tables.find(name)) is not None:
                        _check(grants, role, name, definition)
            return original(self, expression, params)

        return transform

    replace(_cursor.FakeSnowflakeCursor, "_transform", build)


def _tables_in(expression: exp.Expression, connection: Any) -> set[Name]:
    """Full names of what a statement reads or writes, by the session's current database and schema."""
    found = (
        (table.catalog or connection.database, table.db or connection.schema, table.name)
        for table in expression.find_all(exp.Table)
    )
    return {(database, schema, name) for database, schema, name in found if database and schema}


def _check(grants: Grants, role: str, table: Name, definition: Definition) -> None:
    """What "Refresh external tables automatically for Amazon S3" (Snowflake user guide) lists for a role that
    queries."""
    needed: list[tuple[str, str, Name]] = [
        ("USAGE", "DATABASE", table[:1]),
        ("USAGE", "SCHEMA", table[:2]),
        ("SELECT", "EXTERNAL TABLE", table),
        ("USAGE", "STAGE", tuple(definition.stage)),
    ]
    if format_name := definition.file_format.get("FORMAT_NAME"):
        needed.append(("USAGE", "FILE FORMAT", tuple(str(format_name).split("."))))
    for privilege, kind, name in needed:
        if not grants.holds(role, privilege, kind, name):
            raise errors.does_not_exist(kind.capitalize(), ".".join(name))
