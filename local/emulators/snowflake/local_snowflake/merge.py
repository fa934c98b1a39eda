"""MERGE by DuckDB's own (extension "merge").

fakesnow builds it out of other statements, and fails at what dbt writes: unqualified columns in VALUES.
DuckDB's has Snowflake's meaning, an error for a row that matches twice included.
"""

from typing import Any

import duckdb
from sqlglot import exp

from local_snowflake import errors, statements
from local_snowflake.pinned import private, replace
from local_snowflake.statements import Answer

_cursor = private(
    "merge", "fakesnow.cursor", "FakeSnowflakeCursor._execute", "FakeSnowflakeCursor._transform_explode"
)

_COUNTS = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


def install() -> None:
    """Have MERGE reach the database whole, and answer with the counts of its rows."""
    replace(_cursor.FakeSnowflakeCursor, "_transform_explode", _whole)
    replace(_cursor.FakeSnowflakeCursor, "_execute", _counting)


def _whole(original: Any) -> Any:
    def explode(self: Any, expression: exp.Expression) -> Any:
        if isinstance(expression, exp.Merge):
            _bind_to_source(expression)
            return [expression]
        return original(self, expression)

    return explode


def _counting(original: Any) -> Any:
    def execute(self: Any, transformed: exp.Expression, params: Any = None) -> None:
        if not isinstance(transformed, exp.Merge):
            original(self, transformed, params)
            return
        sql = f"{transformed.sql(dialect='duckdb')} RETURNING merge_action"
        try:
            actions = [row[0] for row in self._duck_conn.execute(sql, params).fetchall()]
        except duckdb.InvalidInputException as error:
            if "more than one source row" in str(error):
                raise errors.duplicate_row_in_merge() from error
            raise
        wanted = _operations(transformed)
        counts = [actions.count(operation) for operation in wanted]
        columns = [f"number of rows {_COUNTS[operation]}" for operation in wanted]
        statements.run(self, Answer(columns, [counts], frozenset(columns)).to_sql())
        self._rowcount = sum(counts)
        self._last_transformed = transformed

    return execute


def _operations(merge: exp.Merge) -> list[str]:
    """The operations that a MERGE may do, in the order in which Snowflake counts them."""
    found = set()
    for when in merge.args["whens"].expressions:
        then = when.args["then"]
        found.add(
            "INSERT"
            if isinstance(then, exp.Insert)
            else "UPDATE"
            if isinstance(then, exp.Update)
            else "DELETE"
        )
    return [operation for operation in _COUNTS if operation in found]


def _bind_to_source(merge: exp.Merge) -> None:
    """A column without a table means the source's, where DuckDB would find it in both."""
    source = merge.args["using"].alias_or_name
    for when in merge.args["whens"].expressions:
        then = when.args["then"]
        values = [then.expression] if isinstance(then, exp.Insert) else []
        values += (
            [assignment.expression for assignment in then.expressions] if isinstance(then, exp.Update) else []
        )
        for value in values:
            for column in value.find_all(exp.Column) if value is not None else ():
                if not column.table:
                    column.set("table", exp.to_identifier(source))
