"""The DuckDB view that an external table is, over the copies of its registered files.

One scan per Parquet schema, each led by an empty file of that schema: DuckDB plans by a scan's first file
and opens another one only to read it. So a filter on a partition column opens the files of its partitions
and no others.
"""

from collections.abc import Sequence
from itertools import groupby

from duckdb import DuckDBPyConnection

from local_snowflake.external_tables import path_columns
from local_snowflake.external_tables.definition import Definition
from local_snowflake.external_tables.expressions import FILENAME, parquet_column, parquet_columns
from local_snowflake.external_tables.registered_files import RegisteredFile
from local_snowflake.external_tables.s3_objects import NOTHING, S3Objects
from local_snowflake.sql import identifier, literal
from local_snowflake.store import Name

# read_parquet reads these as wildcards.
_WILDCARDS = str.maketrans({character: f"[{character}]" for character in "*?["})


def create(
    connection: DuckDBPyConnection,
    table: Name,
    definition: Definition,
    files: Sequence[RegisteredFile],
    objects: S3Objects,
) -> None:
    """Create the view of a table, or change it to these files."""
    fixed = path_columns.expressions(connection, definition, [file.key for file in files])
    columns = ", ".join(
        f"{fixed.get(column.name, column.sql)} AS {identifier(column.name)}" for column in definition.columns
    )
    selected = f'"VALUE", {columns}' if columns else '"VALUE"'
    name = ".".join(identifier(part) for part in table)
    rows = _rows(connection, definition, files, objects)
    query = f"SELECT {selected} FROM ({rows}) AS files"  # noqa: S608
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")


def _rows(
    connection: DuckDBPyConnection,
    definition: Definition,
    files: Sequence[RegisteredFile],
    objects: S3Objects,
) -> str:
    readable = sorted((file for file in files if file.schema_id != NOTHING), key=_schema_of)
    by_schema = {identity: list(group) for identity, group in groupby(readable, key=_schema_of)}
    fields = {identity: _fields(connection, str(objects.schema_file(identity))) for identity in by_schema}
    wanted = sorted({field for found in fields.values() for field in found} | parquet_columns(definition))
    scans = [
        _scan(definition.bucket, group, fields[identity], wanted, objects)
        for identity, group in by_schema.items()
    ]
    return " UNION ALL ".join(scans) if scans else _nothing(wanted)


def _scan(
    bucket: str,
    files: Sequence[RegisteredFile],
    fields: Sequence[str],
    wanted: Sequence[str],
    objects: S3Objects,
) -> str:
    paths = [str(objects.schema_file(files[0].schema_id))]
    paths += [str(objects.copy_of(bucket, file.key, file.etag)) for file in files]
    columns = ", ".join(
        f"{identifier(name) if name in fields else 'NULL'} AS {identifier(parquet_column(name))}"
        for name in wanted
    )
    value = ", ".join(f"{literal(name)}, {identifier(name)}" for name in fields)
    listed = ", ".join(literal(path.translate(_WILDCARDS)) for path in paths)
    key = f"substr({identifier(FILENAME)}, {objects.prefix_length(bucket) + 1})"
    return (
        f'SELECT {columns}, json_object({value}) AS "VALUE", {key} AS {identifier(FILENAME)} '  # noqa: S608
        f"FROM read_parquet([{listed}], filename = {literal(FILENAME)}, hive_partitioning = false)"
    )


def _nothing(wanted: Sequence[str]) -> str:
    columns = "".join(f"NULL AS {identifier(parquet_column(name))}, " for name in wanted)
    return f'SELECT {columns}NULL::JSON AS "VALUE", NULL::VARCHAR AS {identifier(FILENAME)} WHERE false'


def _fields(connection: DuckDBPyConnection, file: str) -> list[str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(file)})")  # noqa: S608
    return [str(row[0]) for row in described.fetchall()]


def _schema_of(file: RegisteredFile) -> str:
    return file.schema_id
