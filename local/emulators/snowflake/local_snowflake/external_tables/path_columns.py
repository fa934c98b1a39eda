"""Columns that come out of a file's path: worked out once per file, as Snowflake does for partitions.

DuckDB leaves files out by a filter on such a column only if its expression cannot fail. A cast can; a choice
among values that are known cannot.
"""

from collections.abc import Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from local_snowflake.external_tables.definition import Column, Definition
from local_snowflake.external_tables.expressions import FILENAME
from local_snowflake.sql import identifier, literal


def values(
    connection: DuckDBPyConnection, definition: Definition, keys: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The key of every file, and for each column out of the path its type and its value as text.

    Raises duckdb.Error if an expression fails for a path.
    """
    wanted = "".join(
        f", typeof({column.sql}), CAST({column.sql} AS VARCHAR)" for column in _columns(definition)
    )
    source = f"(SELECT unnest(?::VARCHAR[]) AS {identifier(FILENAME)})"
    return connection.execute(f"SELECT {identifier(FILENAME)}{wanted} FROM {source}", [list(keys)]).fetchall()  # noqa: S608


def expressions(
    connection: DuckDBPyConnection, definition: Definition, keys: Sequence[str]
) -> dict[str, str]:
    """An expression for each column out of the path, by its name, that holds for these files."""
    columns = _columns(definition)
    found = values(connection, definition, keys) if columns and keys else []
    return {
        column.name: _choice([(row[0], row[1 + 2 * place], row[2 + 2 * place]) for row in found])
        for place, column in enumerate(columns)
        if found
    }


def _columns(definition: Definition) -> list[Column]:
    return [column for column in definition.columns if column.from_path]


def _choice(rows: Sequence[tuple[str, str, str | None]]) -> str:
    keys_of: dict[str | None, list[str]] = {}
    for key, _, value in rows:
        keys_of.setdefault(value, []).append(literal(key))
    kind = rows[0][1]
    cases = "".join(
        f" WHEN {identifier(FILENAME)} IN ({', '.join(keys)}) THEN CAST({literal(value)} AS {kind})"
        for value, keys in keys_of.items()
        if value is not None
    )
    return f"CASE{cases} ELSE CAST(NULL AS {kind}) END" if cases else f"CAST(NULL AS {kind})"
