"""Tables and views of every database, with what DuckDB does not know of them (extension "relations")."""

import datetime
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection
from sqlglot import exp

from local_snowflake import session
from local_snowflake.account.grants import Grants
from local_snowflake.external_tables.definition import KIND as EXTERNAL_TABLE
from local_snowflake.pinned import private
from local_snowflake.store import Name, Properties, Store, inside

private("relations", "fakesnow.info_schema", "SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_TABLES_EXT")

KIND = "RELATION"
TAGS = "TAGS OF COLUMNS"
VIEW = "_fs_global._local.relations"
"""A view of all relations, which INFORMATION_SCHEMA reads as well."""

_CREATION = f"""
CREATE OR REPLACE VIEW {VIEW} AS
SELECT
    there.database_name, there.schema_name, there.name,
    CASE WHEN external.name IS NOT NULL THEN 'EXTERNAL TABLE' ELSE there.kind END AS kind,
    there.row_count, there.definition, temporary.name IS NOT NULL AS is_temporary,
    coalesce(external.properties ->> 'owner', known.properties ->> 'owner') AS owner,
    coalesce(external.properties ->> 'comment', commented.comment) AS comment,
    coalesce(external.created_on, CAST(known.properties ->> 'created_on' AS TIMESTAMPTZ)) AS created_on,
    CAST(
        coalesce(external.properties ->> 'last_refreshed_on', known.properties ->> 'altered_on')
        AS TIMESTAMPTZ
    ) AS altered_on
FROM (
    SELECT database_name, schema_name, table_name AS name, 'TABLE' AS kind, estimated_size AS row_count,
        NULL AS definition
    FROM duckdb_tables()
    UNION ALL
    SELECT database_name, schema_name, view_name, 'VIEW', NULL, sql FROM duckdb_views()
) AS there
LEFT JOIN _fs_global._local.objects AS external
    ON external.kind = '{EXTERNAL_TABLE}' AND external.database_name = there.database_name
    AND external.schema_name = there.schema_name AND external.name = there.name
LEFT JOIN _fs_global._local.objects AS known
    ON known.kind = '{KIND}' AND known.database_name = there.database_name
    AND known.schema_name = there.schema_name AND known.name = there.name
LEFT JOIN _fs_global._local.objects AS temporary
    ON temporary.kind = 'TEMPORARY' AND temporary.database_name = there.database_name
    AND temporary.schema_name = there.schema_name AND temporary.name = there.name
LEFT JOIN _fs_global._fs_information_schema._fs_tables_ext AS commented
    ON commented.ext_table_catalog = there.database_name AND commented.ext_table_schema = there.schema_name
    AND commented.ext_table_name = there.name
WHERE there.schema_name NOT IN ('main', '_fs_information_schema', '_local')
    AND there.database_name NOT IN ('system', 'temp', 'memory', '_fs_global')
"""  # noqa: S608


@dataclass(frozen=True)
class Relation:
    """A table, view or external table."""

    database: str
    schema: str
    name: str
    kind: str
    row_count: int | None
    definition: str | None
    is_temporary: bool
    owner: str | None
    comment: str | None
    created_on: datetime.datetime | None
    altered_on: datetime.datetime | None


class Relations:
    """Reads the catalogue and remembers who made what, and when."""

    def __init__(self, store: Store, connection: DuckDBPyConnection) -> None:
        self._store = store
        self._connection = connection
        connection.cursor().execute(_CREATION)

    def all(self, within: Name = ()) -> list[Relation]:
        """The relations of the account, of a database or of a schema, or the one of a name; sorted."""
        condition, values = inside(within)
        found = self._connection.cursor().execute(
            f"SELECT * FROM {VIEW} WHERE {condition} ORDER BY database_name, schema_name, name",  # noqa: S608
            values,
        )
        return [Relation(*row) for row in found.fetchall()]

    def note(self, cursor: Any, grants: Grants) -> None:
        """Remember what a statement that fakesnow has run created, changed or dropped."""
        statement = cursor._last_transformed
        changing = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.TruncateTable
        if not isinstance(statement, exp.Create | exp.Alter | exp.Drop | changing):
            return
        table = statement.find(exp.Table)
        name = table and _qualified(cursor._conn, table)
        if not name:
            return
        kind = str(statement.args.get("kind") or "TABLE")
        renamed = statement.find(exp.AlterRename)
        if isinstance(statement, exp.Create):
            if kind in ("TABLE", "VIEW"):
                self._created(statement, kind, name, session.role(cursor._conn), grants)
        elif isinstance(statement, exp.Drop):
            self._store.delete(KIND, name)
            grants.forget_object(kind, name)
        elif renamed and renamed.this:
            new = _qualified(cursor._conn, renamed.this) or name
            self._rename(name, new)
            grants.renamed(kind, name, new)
        else:
            self._put(name, self._store.get(KIND, name) or _new(session.role(cursor._conn)))

    def _created(self, statement: exp.Create, kind: str, name: Name, role: str, grants: Grants) -> None:
        there = self._store.get(KIND, name) is not None
        if there and statement.args.get("exists"):
            return
        self._put(name, _new(role))
        properties = statement.args.get("properties") or exp.Properties()
        grants.created(kind, name, copied=there and properties.find(exp.CopyGrantsProperty) is not None)

    def _rename(self, name: Name, new: Name) -> None:
        """What is known of an object follows its name: owner, and tags of its columns."""
        for kind in (KIND, TAGS):
            if (known := self._store.get(kind, name)) is not None:
                self._store.delete(kind, name)
                self._store.put(kind, new, known)

    def _put(self, name: Name, known: Properties) -> None:
        self._store.put(KIND, name, {**known, "altered_on": _now()})


def _new(role: str) -> Properties:
    return {"owner": role, "created_on": _now()}


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat()


def _qualified(connection: Any, table: exp.Table) -> Name | None:
    database, schema = table.catalog or connection.database, table.db or connection.schema
    return (database, schema, table.name) if database and schema else None
