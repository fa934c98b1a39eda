"""Starting a local Snowflake and a local AWS, and putting published files on S3."""

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import snowflake.connector
from emulator_process import Server
from snowflake.connector.errors import Error

BUCKET = "processed"
QUEUE = "sf-snowpipe-test"


def start_snowflake(state: Path, aws: Server, *options: str, queue: str = "sf-snowpipe-other") -> Server:
    """Start a local Snowflake over a local AWS."""
    wanted = ("--s3-endpoint", aws.endpoint, "--notification-queue-name", queue)
    return Server.start("snowflake", state, *wanted, *options)


class Session:
    """A session by the Python connector."""

    def __init__(self, server: Server, **parameters: Any) -> None:
        wanted = {
            "user": "TESTS",
            "password": "none",
            "account": "local",
            # Tests compare times, and a new account's clock is that of Los Angeles.
            "session_parameters": {"TIMEZONE": "UTC"},
            **parameters,
        }
        self.connection = snowflake.connector.connect(
            host="127.0.0.1",
            port=server.port,
            protocol="http",
            login_timeout=10,
            network_timeout=20,
            **wanted,
        )

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows that a statement answers with."""
        with self.connection.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(statement).fetchall()]  # type: ignore[union-attr]

    def records(self, statement: str) -> list[dict[str, Any]]:
        """The rows by column."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, statement: str) -> Any:
        """The one value that a statement answers with."""
        ((value,),) = self.rows(statement)
        return value

    def run(self, *statements: str) -> None:
        """Run statements for their effect."""
        for statement in statements:
            self.rows(statement)

    def refusal(self, statement: str) -> tuple[int | None, str | None, str]:
        """Code, SQLSTATE and message by which a statement is refused."""
        try:
            self.rows(statement)
        except Error as error:
            return error.errno, error.sqlstate, str(error.msg)
        raise AssertionError(f"not refused: {statement}")

    def close(self) -> None:
        """End the session."""
        self.connection.close()


def file_of(
    rows: Sequence[dict[str, Any]], *, rows_of_a_group: int | None = None, **types: pa.DataType
) -> bytes:
    """A Parquet file of these rows; columns have the types that pyarrow infers unless one is given."""
    table = pa.Table.from_pylist(list(rows))
    for name, kind in types.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    content = io.BytesIO()
    parquet.write_table(table, content, row_group_size=rows_of_a_group)
    return content.getvalue()


def review(number: int, **fields: Any) -> dict[str, Any]:
    """A published review; what matters of it."""
    return {
        "review_key": f"r{number}",
        "rating": number % 5 + 0.5,
        "votes": number,
        "created_at": datetime.datetime(2026, 1, 1, 12, 0, number, tzinfo=datetime.UTC),
        "tags": ["a", "b"] if number % 2 else None,
        **fields,
    }


def key_of(table: str, day: str, batch: str, name: str = "part-0.parquet") -> str:
    """Where a batch publishes a file."""
    return f"tables/{table}/ingest_date={day}/batch_id={batch}/{name}"
