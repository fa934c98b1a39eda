"""What a role needs for a statement on tables and views (extension "privileges")."""

from typing import Any

from sqlglot import exp

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.catalogue import named_tables
from local_snowflake.catalogue.relations import Relations
from local_snowflake.external_tables.definition import Definition
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.pinned import private, replace
from local_snowflake.store import Name

_cursor = private("privileges", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

_TO_WRITE: dict[type[exp.Expr], str] = {
    exp.Insert: "INSERT",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE",
    exp.TruncateTable: "TRUNCATE",
    exp.Drop: "OWNERSHIP",
    exp.Alter: "OWNERSHIP",
}


class Privileges:
    """Refuses statements on tables and views in a role that lacks a privilege.

    A view reads with the privileges of its owner, who is checked as the view is made ("Overview of Views",
    Snowflake user guide).
    """

    def __init__(self, tables: ExternalTables, relations: Relations, grants: Grants) -> None:
        self._tables = tables
        self._relations = relations
        self._grants = grants

    def install(self) -> None:
        """Check each statement before it is translated."""

        def build(original: Any) -> Any:
            def transform(cursor: Any, expression: exp.Expr, params: Any) -> Any:
                role = session.role(cursor._conn)
                if role != session.ADMINISTRATOR:
                    self._check(expression, role, (cursor._conn.database, cursor._conn.schema))
                return original(cursor, expression, params)

            return transform

        replace(_cursor.FakeSnowflakeCursor, "_transform", build)

    def _check(self, statement: exp.Expr, role: str, current: tuple[Any, Any]) -> None:
        for table in named_tables.read(statement):
            if name := named_tables.full_name(table, *current):
                self._check_reading(role, name)
        target = named_tables.written(statement)
        if target is not None and (written := named_tables.full_name(target, *current)):
            self._check_writing(statement, role, written)

    def _check_reading(self, role: str, name: Name) -> None:
        if (definition := self._tables.find(name)) is not None:
            self._check_external(role, name, definition)
        # What one owns is most of what one reads, and is known without a look into the catalogue.
        elif self._grants.owns(role, "TABLE", name) and self._grants.owns(role, "SCHEMA", name[:2]):
            return
        elif (kind := self._kind(name)) is not None:
            self._require(role, "USAGE", "DATABASE", name[:1])
            self._require(role, "USAGE", "SCHEMA", name[:2])
            self._require(role, "SELECT", kind, name)

    def _check_writing(self, statement: exp.Expr, role: str, name: Name) -> None:
        if isinstance(statement, exp.Create):
            self._grants.check_may_create(role, statement.kind or "TABLE", name[:2])
        if self._grants.owns(role, "TABLE", name) or (kind := self._kind(name)) is None:
            return
        if isinstance(statement, exp.Create):
            # Another's object of that name is in the way, or would be replaced.
            needed = {"OWNERSHIP"} if statement.args.get("replace") else set()
        else:
            needed = {_TO_WRITE[type(statement)]} if type(statement) in _TO_WRITE else _merged(statement)
        for privilege in sorted(needed):
            if not self._grants.holds(role, privilege, kind, name):
                raise errors.insufficient_privileges(kind, ".".join(name))

    def _kind(self, name: Name) -> str | None:
        """TABLE, VIEW or EXTERNAL TABLE; None where there is nothing of that name."""
        return next((relation.kind for relation in self._relations.all(name)), None)

    def _require(self, role: str, privilege: str, kind: str, name: Name) -> None:
        if not self._grants.holds(role, privilege, kind, name):
            raise errors.does_not_exist(kind.capitalize(), ".".join(name))

    def _check_external(self, role: str, table: Name, definition: Definition) -> None:
        """What "Refresh external tables automatically for Amazon S3" (Snowflake user guide) lists for a role
        that queries."""
        needed: list[tuple[str, str, Name]] = [
            ("USAGE", "DATABASE", table[:1]),
            ("USAGE", "SCHEMA", table[:2]),
            ("SELECT", "EXTERNAL TABLE", table),
            ("USAGE", "STAGE", tuple(definition.stage)),
        ]
        if format_name := definition.file_format.get("FORMAT_NAME"):
            needed.append(("USAGE", "FILE FORMAT", tuple(str(format_name).split("."))))
        for privilege, kind, name in needed:
            self._require(role, privilege, kind, name)


def _merged(statement: exp.Expr) -> set[str]:
    """What a MERGE does to its target; another statement nothing."""
    if not isinstance(statement, exp.Merge):
        return set()
    actions = [when.args["then"] for when in statement.args["whens"].expressions]
    return {
        "INSERT"
        if isinstance(action, exp.Insert)
        else "UPDATE"
        if isinstance(action, exp.Update)
        else "DELETE"
        for action in actions
    }
