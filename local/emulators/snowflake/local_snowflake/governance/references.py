"""Which columns have a tag (extension "tag-references")."""

from typing import Any

import sqlglot
from sqlglot import exp

from local_snowflake import errors
from local_snowflake.external_tables.table_functions import place_of
from local_snowflake.governance.tags import Tags
from local_snowflake.pinned import private, replace
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call

_cursor = private("tag-references", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

_NAME = "TAG_REFERENCES_ALL_COLUMNS"
_COLUMNS = [
    *("TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "TAG_VALUE"),
    *("OBJECT_DATABASE", "OBJECT_SCHEMA", "OBJECT_NAME", "COLUMN_NAME"),
]


def install(tags: Tags) -> None:
    """Answer ``TABLE(INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('<name>', 'TABLE'))``."""

    def build(original: Any) -> Any:
        def transform(cursor: Any, expression: exp.Expr, params: Any) -> Any:
            for function in [f for f in expression.find_all(exp.Anonymous) if f.name.upper() == _NAME]:
                place_of(function).replace(_references(cursor, tags, function))
            return original(cursor, expression, params)

        return transform

    replace(_cursor.FakeSnowflakeCursor, "_transform", build)


def _references(cursor: Any, tags: Tags, function: exp.Anonymous) -> exp.Expr:
    literals = [literal.name for literal in function.find_all(exp.Literal)]
    if len(literals) != 2 or literals[1].upper() != "TABLE":
        raise errors.syntax(f"{_NAME} takes '<name>', 'TABLE'")
    reader = Reader(literals[0])
    relation = Call(reader, cursor, "").qualified(reader.name())
    rows = [
        [*tag.split("."), value, *relation, column]
        for column, values in tags.of_columns(relation).items()
        for tag, value in sorted(values.items())
    ]
    answer = sqlglot.parse_one(Answer(_COLUMNS, rows).to_sql(), read="duckdb")
    return exp.Subquery(this=answer, alias=exp.TableAlias(this=exp.to_identifier(_NAME)))
