"""Which tables and views a statement names."""

from typing import Any

from sqlglot import exp

from local_snowflake.store import Name

_WRITING = (
    *(exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Drop, exp.Alter),
    exp.TruncateTable,
)


def written(statement: exp.Expr) -> exp.Table | None:
    """The table or view that a statement makes, changes or drops."""
    if not isinstance(statement, _WRITING):
        return None
    listed = statement.args.get("tables") or (
        statement.expressions if isinstance(statement, exp.TruncateTable) else []
    )
    target = listed[0] if listed else statement.this
    if isinstance(target, exp.Schema):
        target = target.this
    return target if isinstance(target, exp.Table) else None


def read(statement: exp.Expr) -> list[exp.Table]:
    """The tables and views that a statement reads; its own common table expressions are not among them."""
    target = written(statement)
    own = {cte.alias.upper() for cte in statement.find_all(exp.CTE)}
    return [
        table
        for table in statement.find_all(exp.Table)
        if table is not target
        and isinstance(table.this, exp.Identifier)
        and not (table.name.upper() in own and not table.db)
    ]


def full_name(table: exp.Table, database: Any, schema: Any) -> Name | None:
    """A table's full name, in capitals where it is not quoted; None where a part is missing."""
    catalogue = _text(table.args.get("catalog")) or database
    place = _text(table.args.get("db")) or schema
    name = _text(table.this)
    return (catalogue, place, name) if catalogue and place and name else None


def _text(part: Any) -> str | None:
    if not isinstance(part, exp.Identifier):
        return None
    return str(part.this) if part.quoted else str(part.this).upper()
