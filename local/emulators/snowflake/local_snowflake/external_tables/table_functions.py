"""What queries may ask of an external table's files (extension "external-table-files")."""

import json
from typing import Any

import sqlglot
from sqlglot import exp

from local_snowflake import errors, session
from local_snowflake.external_tables.definition import Definition
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.pinned import private, replace
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call
from local_snowflake.store import Name

_cursor = private(
    "external-table-files",
    "fakesnow.cursor",
    "FakeSnowflakeCursor._transform",
    "FakeSnowflakeCursor._transform_explode",
)

_NAME = "EXTERNAL_TABLE_FILES"
_STATUS = "SYSTEM$EXTERNAL_TABLE_PIPE_STATUS"
_COLUMNS = ["FILE_NAME", "REGISTERED_ON", "FILE_SIZE", "LAST_MODIFIED", "ETAG", "MD5"]


def install(tables: ExternalTables) -> None:
    """Answer ``TABLE(INFORMATION_SCHEMA.EXTERNAL_TABLE_FILES(TABLE_NAME => '…'))`` by the registered
    files, and ``SYSTEM$EXTERNAL_TABLE_PIPE_STATUS('…')`` by whether a table is refreshed automatically."""

    def build(original: Any) -> Any:
        def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
            for function in [f for f in expression.find_all(exp.Anonymous) if f.name.upper() == _NAME]:
                place_of(function).replace(_files(self, tables, function))
            for function in [f for f in expression.find_all(exp.Anonymous) if f.name.upper() == _STATUS]:
                function.replace(_pipe_status(self, tables, function))
            return original(self, expression, params)

        return transform

    replace(_cursor.FakeSnowflakeCursor, "_transform", build)
    replace(_cursor.FakeSnowflakeCursor, "_transform_explode", _refusing_metadata)


def _refusing_metadata(original: Any) -> Any:
    """Columns of external tables may use the pseudo-columns of files; statements of a session may not."""

    def explode(self: Any, expression: exp.Expression) -> Any:
        for column in expression.find_all(exp.Column):
            if column.name.upper().startswith("METADATA$"):
                advice = f"give the external table a column AS ({column.name})"
                raise errors.unsupported(f"{column.name} in a query; {advice}")
        return original(self, expression)

    return explode


def place_of(function: exp.Expression) -> Any:
    """What stands in FROM: the function, or the TABLE(…) around it with its qualifiers."""
    place: Any = function
    while not isinstance(place.parent, exp.From | exp.Join) and place.parent is not None:
        place = place.parent
    return place


def _pipe_status(cursor: Any, tables: ExternalTables, function: exp.Anonymous) -> exp.Expression:
    """Only a table's owner is told (documentation of the function)."""
    table, definition = _asked(cursor, tables, function, f"{_STATUS} takes '<name>'")
    if definition.owner != session.role(cursor._conn):
        raise errors.does_not_exist("Table", ".".join(table))
    state = "RUNNING" if definition.auto_refresh else "PAUSED"
    return exp.Literal.string(json.dumps({"executionState": state, "pendingFileCount": 0}))


def _asked(
    cursor: Any, tables: ExternalTables, function: exp.Anonymous, usage: str
) -> tuple[Name, Definition]:
    """The table that the function's one literal names. Raises 002003 if there is none."""
    literals = list(function.find_all(exp.Literal))
    if len(literals) != 1:
        raise errors.syntax(usage)
    reader = Reader(literals[0].name)
    table = Call(reader, cursor, "").qualified(reader.name())
    return table, tables.get(table)


def _files(cursor: Any, tables: ExternalTables, function: exp.Anonymous) -> exp.Expression:
    table, _ = _asked(cursor, tables, function, f"{_NAME} takes TABLE_NAME => '<name>'")
    rows = [(f.key, f.registered_on, f.size, f.last_modified, f.etag, None) for f in tables.files(table)]
    sql = Answer(_COLUMNS, rows, frozenset({"FILE_SIZE"})).to_sql()
    return exp.Subquery(
        this=sqlglot.parse_one(sql, read="duckdb"), alias=exp.TableAlias(this=exp.to_identifier(_NAME))
    )
