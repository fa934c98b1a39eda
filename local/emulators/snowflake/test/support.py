"""Starting a local Snowflake and a local AWS, and putting published files on S3."""
# ruff: noqa: S603 (the tests start their own programs)

import datetime
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import snowflake.connector
from snowflake.connector.errors import Error

ROOT = Path(__file__).parents[4]
_EMULATORS = ROOT / "local" / "emulators"
REGION = "us-east-1"
BUCKET = "processed"
QUEUE = "sf-snowpipe-test"
AWS_PYTHON = ROOT / ".local" / "env" / "aws" / "bin" / "python"


def eventually[T](probe: Callable[[], T | None], seconds: float = 10) -> T:
    """Call the probe until it returns something true; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A started server."""

    process: subprocess.Popen[bytes]
    endpoint: str
    state: Path

    @classmethod
    def start(cls, python: Path, component: str, state: Path, *options: str) -> "Server":
        """Start local/<component> and wait for its ready line."""
        port = ("--port", str(free_port()), "--state", str(state))
        with (state / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [str(python), "-m", f"local_{component}", *port, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(component),
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (state / "server.log").read_text()
        return cls(process, json.loads(line)["endpoint"], state)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.endpoint.rpartition(":")[2])

    def stop(self) -> int:
        """End the server as its orchestrator does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


def environment(component: str) -> dict[str, str]:
    """The environment of a server."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(_EMULATORS / part) for part in (component, "shared")),
    }


def start_snowflake(state: Path, aws: Server, *options: str, queue: str = "sf-snowpipe-other") -> Server:
    """Start a local Snowflake over a local AWS."""
    wanted = ("--s3-endpoint", aws.endpoint, "--notification-queue-name", queue)
    return Server.start(Path(sys.executable), "snowflake", state, *wanted, *options)


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


def file_of(rows: Sequence[dict[str, Any]], **types: pa.DataType) -> bytes:
    """A Parquet file of these rows; columns have the types that pyarrow infers unless one is given."""
    table = pa.Table.from_pylist(list(rows))
    for name, kind in types.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    content = io.BytesIO()
    parquet.write_table(table, content)
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
