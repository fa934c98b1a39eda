"""What SHOW and DESCRIBE answer about external tables."""

from local_snowflake.external_tables.definition import Column, Definition
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, columns

_SHOWN = columns(
    "created_on name database_name schema_name invalid invalid_reason owner comment stage "
    "location file_format_name file_format_type cloud region notification_channel "
    "last_refreshed_on table_format last_refresh_details owner_role_type"
)
_DESCRIBED = [
    "name",
    "type",
    "kind",
    "null?",
    "default",
    "primary key",
    "unique key",
    "check",
    "expression",
    "comment",
]


def show(call: Call, tables: ExternalTables, channel: str) -> Answer:
    """SHOW EXTERNAL TABLES. The notification channel is the one of the tables that refresh by
    notification."""
    asked = Filter.read(call.reader)
    rows = []
    for name, definition in tables.all(asked.within(call)):
        if not asked.matches(name[2]):
            continue
        stage = "@" + ".".join(definition.stage)
        location = f"{stage}/{definition.path}"
        file_format = (definition.file_format.get("FORMAT_NAME"), definition.file_format["TYPE"])
        notified = channel if definition.auto_refresh else None
        place = (
            tables.created_on(name),
            name[2],
            name[0],
            name[1],
            "false",
            None,
            definition.owner,
            definition.comment,
        )
        refreshed = (notified, definition.last_refreshed_on, "None", None, "ROLE")
        rows.append((*place, stage, location, *file_format, "AWS", None, *refreshed))
    if call.terse:
        terse = [(row[0], row[1], "EXTERNAL TABLE", row[2], row[3]) for row in rows]
        return Answer(
            ["created_on", "name", "kind", "database_name", "schema_name"], first(terse, asked.limit)
        )
    return Answer(_SHOWN, first(rows, asked.limit))


def describe(definition: Definition) -> Answer:
    """DESC EXTERNAL TABLE: VALUE, then the columns as they were declared."""
    return Answer(_DESCRIBED, described(definition))


def described(definition: Definition) -> list[tuple[str | None, ...]]:
    """The rows of DESC EXTERNAL TABLE and DESC TABLE."""
    value = ("VALUE", "VARIANT", "COLUMN", "Y", None, "N", "N", None, None, "The value of this row")
    return [value, *(_described(column) for column in definition.columns)]


# "Summary of data types", Snowflake SQL reference.
_DEFAULT_SIZES = {"VARCHAR": "(16777216)", "TIMESTAMP_NTZ": "(9)"}


def _described(column: Column) -> tuple[str | None, ...]:
    nullable = "Y" if column.nullable else "N"
    described = column.type + _DEFAULT_SIZES.get(column.type, "")
    return (column.name, described, "VIRTUAL", nullable, None, "N", "N", None, column.expression, None)
