"""SHOW OBJECTS, TABLES and VIEWS, DESCRIBE of tables and views, and comments on columns."""

from typing import Any

from local_snowflake import errors
from local_snowflake.catalogue.relations import Relation, Relations
from local_snowflake.external_tables.show import described
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.show import Filter, first
from local_snowflake.sql import identifier, literal
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Name

_OBJECTS = columns(
    "created_on name database_name schema_name kind comment cluster_by rows bytes owner "
    "retention_time owner_role_type is_hybrid is_dynamic is_iceberg"
)
_TABLES = [
    *_OBJECTS[:-3],
    *columns("automatic_clustering change_tracking is_external is_hybrid is_iceberg is_dynamic"),
]
_VIEWS = columns(
    "created_on name reserved database_name schema_name owner comment text is_secure "
    "is_materialized owner_role_type change_tracking"
)
_TERSE = ["created_on", "name", "kind", "database_name", "schema_name"]
_INTEGERS = frozenset({"rows", "bytes"})
_DESCRIBED = [
    *columns("name type kind null? default"),
    *("primary key", "unique key", "check", "expression", "comment", "policy name", "privacy domain"),
]

# As fakesnow's DESCRIBE has them, for a name of any database and session.
_COLUMNS = """
SELECT column_name,
    CASE data_type
        WHEN 'NUMBER' THEN 'NUMBER(' || numeric_precision || ',' || numeric_scale || ')'
        WHEN 'TEXT' THEN 'VARCHAR(' || coalesce(character_maximum_length, 16777216) || ')'
        WHEN 'TIMESTAMP_NTZ' THEN 'TIMESTAMP_NTZ(9)'
        WHEN 'TIMESTAMP_TZ' THEN 'TIMESTAMP_TZ(9)'
        WHEN 'TIME' THEN 'TIME(9)'
        WHEN 'BINARY' THEN 'BINARY(8388608)'
        ELSE data_type
    END,
    CASE WHEN is_nullable = 'YES' THEN 'Y' ELSE 'N' END, column_default, comment
FROM _fs_global._fs_information_schema._fs_columns
WHERE table_catalog = ? AND table_schema = ? AND table_name = ?
ORDER BY ordinal_position
"""


class ObjectStatements:
    """The statements that list and describe tables and views."""

    def __init__(self, relations: Relations, tables: ExternalTables) -> None:
        self._relations = relations
        self._tables = tables

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "SHOW OBJECTS": lambda call: self._show(
                call, ("TABLE", "VIEW", "EXTERNAL TABLE"), _OBJECTS, _object
            ),
            "SHOW TABLES": lambda call: self._show(call, ("TABLE", "EXTERNAL TABLE"), _TABLES, _table),
            "SHOW VIEWS": lambda call: self._show(call, ("VIEW",), _VIEWS, _view),
            "DESC TABLE": lambda call: self._describe(call, "Table"),
            "DESC VIEW": lambda call: self._describe(call, "View"),
        }

    def _show(self, call: Call, kinds: tuple[str, ...], columns: list[str], row: Any) -> Answer:
        asked = Filter.read(call.reader)
        found = [
            relation
            for relation in self._relations.all(asked.within(call))
            if relation.kind in kinds and asked.matches(relation.name)
        ]
        found = first(found, asked.limit)
        if call.terse:
            return Answer(_TERSE, [(r.created_on, r.name, r.kind, r.database, r.schema) for r in found])
        return Answer(columns, [row(relation) for relation in found], _INTEGERS & set(columns))

    def _describe(self, call: Call, kind: str) -> Answer:
        name = call.qualified(call.reader.name())
        call.reader.accept("TYPE", "=", "COLUMNS")
        call.reader.end()
        if (definition := self._tables.find(name)) is not None:
            return Answer(_DESCRIBED, [(*row, None, None) for row in described(definition)])
        columns = call.cursor._duck_conn.cursor().execute(_COLUMNS, list(name)).fetchall()
        if not columns:
            raise errors.does_not_exist(kind, ".".join(name))
        rows = [
            (n, t, "COLUMN", null, d, "N", "N", None, None, c, None, None) for n, t, null, d, c in columns
        ]
        return Answer(_DESCRIBED, rows)


def comment_on_columns(call: Call, name: Name) -> Answer | None:
    """ALTER TABLE … ALTER [COLUMN] "A" COMMENT '…', "B" COMMENT '…', read up to the name; all else is
    left to fakesnow."""
    reader = call.reader
    if not reader.accept("ALTER"):
        return None
    reader.accept("COLUMN")
    comments = []
    while True:
        column = reader.identifier()
        if not reader.accept("COMMENT"):
            return None
        comments.append((column, reader.string()))
        if not reader.accept(","):
            break
        reader.accept("COLUMN")
    reader.end()
    table = ".".join(identifier(part) for part in name)
    with call.cursor._duck_conn.cursor() as commenting:
        # In one transaction: each of its own would wait for the disk.
        commenting.begin()
        for column, comment in comments:
            commenting.execute(f"COMMENT ON COLUMN {table}.{identifier(column)} IS {literal(comment)}")
        commenting.commit()
    return status()


def _object(relation: Relation) -> tuple[Any, ...]:
    r = relation
    place = (r.created_on, r.name, r.database, r.schema, r.kind, r.comment or "", "")
    return (*place, r.row_count, None, r.owner, "1", "ROLE", "N", "N", "N")


def _table(relation: Relation) -> tuple[Any, ...]:
    external = "Y" if relation.kind == "EXTERNAL TABLE" else "N"
    return (*_object(relation)[:-3], "OFF", "OFF", external, "N", "N", "N")


def _view(relation: Relation) -> tuple[Any, ...]:
    r = relation
    place = (r.created_on, r.name, "", r.database, r.schema, r.owner, r.comment or "")
    return (*place, r.definition, "false", "false", "ROLE", "OFF")
