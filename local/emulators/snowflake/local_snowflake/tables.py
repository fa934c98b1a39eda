"""CREATE TABLE with column constraints (extension "tables").

Of a CREATE TABLE … AS SELECT with declared columns, fakesnow keeps the types and forgets NOT NULL, which
Snowflake enforces and dbt's model contracts declare; and it takes a PRIMARY KEY for one more column.
Snowflake enforces of a primary key that its columns are not null, and no more ("Overview of Constraints").
"""

from typing import Any

import duckdb
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_snowflake import errors
from local_snowflake.pinned import private, replace
from local_snowflake.sql import identifier

_cursor = private(
    "tables", "fakesnow.cursor", "FakeSnowflakeCursor._transform", "FakeSnowflakeCursor._execute"
)

_NOT_NULL = "not_null_columns"
_NEVER_NULL = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)
_COLUMNS_OF_TABLE = """
SELECT c.column_name, c.is_nullable
FROM duckdb_columns() AS c
JOIN duckdb_tables() AS t USING (database_name, schema_name, table_name)
WHERE c.database_name = ? AND c.schema_name = ? AND c.table_name = ?
ORDER BY c.column_index
"""
_VIOLATION = "NULL result in a non-nullable column"


def install() -> None:
    """Enforce NOT NULL, of primary keys, too."""
    replace(_cursor.FakeSnowflakeCursor, "_transform", _remembering)
    replace(_cursor.FakeSnowflakeCursor, "_execute", _enforcing)


def _remembering(original: Any) -> Any:
    def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
        if isinstance(expression, exp.Create) and (clone := expression.find(exp.Clone)):
            wanted = _not_null(self, clone.this)
            expression = _copy_of(expression, clone.this)
        else:
            wanted = _declared_not_null(expression)
        transformed = original(self, expression, params)
        if not wanted or not isinstance(transformed, exp.Create):
            return transformed
        transformed.args[_NOT_NULL] = wanted
        selected = transformed.expression
        query: Any = selected.unnest() if isinstance(selected, exp.Subquery) else selected
        for projection in query.selects:
            if isinstance(projection, exp.Alias) and projection.alias in wanted:
                projection.set("this", _checked(projection.this))
        return transformed

    return transform


def _enforcing(original: Any) -> Any:
    def execute(self: Any, transformed: exp.Expression, params: Any = None) -> None:
        try:
            original(self, transformed, params)
        except duckdb.InvalidInputException as error:
            if _VIOLATION in str(error):
                raise errors.null_in_column() from error
            raise
        except ProgrammingError as error:
            # fakesnow calls every error of DuckDB's catalogue an object that is not there.
            if isinstance(error.__cause__, duckdb.CatalogException) and "already exists" in str(
                error.__cause__
            ):
                raise errors.already_exists(_of(self._conn, transformed.find(exp.Table))) from error
            raise
        table = transformed.find(exp.Table)
        for column in transformed.args.get(_NOT_NULL, ()) if table else ():
            with self._duck_conn.cursor() as altering:
                altering.execute(
                    f"ALTER TABLE {_of(self._conn, table)} ALTER {identifier(column)} SET NOT NULL"
                )

    return execute


def _declared_not_null(expression: exp.Expression) -> list[str]:
    if not (isinstance(expression, exp.Create) and expression.kind == "TABLE" and expression.expression):
        return []
    if not isinstance(expression.this, exp.Schema):
        return []
    declared = expression.this.expressions
    columns = [column for column in declared if isinstance(column, exp.ColumnDef)]
    wanted = {_name(column.this) for column in columns if column.find(*_NEVER_NULL)}
    for key in [key for key in declared if isinstance(key, exp.PrimaryKey)]:
        wanted |= {_name(column.find(exp.Identifier)) for column in key.expressions}
        key.pop()
    return [name for column in columns if (name := _name(column.this)) in wanted]


def _copy_of(creation: exp.Create, source: Any) -> exp.Create:
    """CREATE TABLE … CLONE as a copy of the rows; fakesnow forgets OR REPLACE."""
    return exp.Create(
        this=creation.this,
        kind="TABLE",
        replace=creation.args.get("replace"),
        exists=creation.args.get("exists"),
        expression=exp.select("*").from_(source),
    )


def _not_null(cursor: Any, table: Any) -> list[str]:
    """Columns of a table that a clone has to forbid nulls in, too. Raises 002003 if there is no such table:
    views and external tables cannot be cloned ("CREATE <object> … CLONE")."""
    place = [_part(cursor, table, part) for part in ("catalog", "db", "this")]
    columns = cursor._duck_conn.cursor().execute(_COLUMNS_OF_TABLE, place).fetchall()
    if not columns:
        raise errors.does_not_exist("Table", ".".join(place))
    return [name for name, nullable in columns if not nullable]


def _part(cursor: Any, table: Any, part: str) -> str:
    current = {"catalog": cursor._conn.database, "db": cursor._conn.schema}
    return _name(table.args[part]) if table.args.get(part) else str(current[part])


def _name(column: exp.Identifier) -> str:
    return str(column.this) if column.quoted else str(column.this).upper()


def _checked(value: exp.Expression) -> exp.Expression:
    failure = exp.Cast(this=exp.func("ERROR", exp.Literal.string(_VIOLATION)), to=_type(value))
    return exp.Case().when(value.copy().is_(exp.null()), failure).else_(value)


def _type(value: exp.Expression) -> Any:
    return value.args["to"].copy() if isinstance(value, exp.Cast) else exp.DataType.build("VARCHAR")


def _of(connection: Any, table: Any) -> str:
    parts = (table.catalog or connection.database, table.db or connection.schema, table.name)
    return ".".join(identifier(part) for part in parts if part)
