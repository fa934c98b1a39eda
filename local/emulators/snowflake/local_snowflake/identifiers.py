"""Names that Snowflake takes and DuckDB reserves, such as AT (extension "identifiers")."""

from typing import Any

import duckdb
from sqlglot import exp

from local_snowflake.pinned import private, replace

_cursor = private("identifiers", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

_RESERVED = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Have reserved words among the names reach DuckDB in quotes."""
    reserved = {str(word).upper() for (word,) in connection.execute(_RESERVED).fetchall()}

    def build(original: Any) -> Any:
        def transform(self: Any, expression: exp.Expression, params: Any) -> Any:
            transformed = original(self, expression, params)
            for name in transformed.find_all(exp.Identifier):
                if not name.quoted and name.name.upper() in reserved:
                    name.set("quoted", True)
            return transformed

        return transform

    replace(_cursor.FakeSnowflakeCursor, "_transform", build)
