"""A warehouse as the tests see it: published files go in, dbt runs, queries come out."""
# ruff: noqa: S603 (the tests start their own programs)
# ruff: noqa: S608 (and query names of their own)

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from dbt_runs import PROJECT, DbtRun, run_dbt
from emulator_process import ROOT
from published import Batch
from snowflake.connector import SnowflakeConnection


@dataclass
class Warehouse:
    """One database of the local Snowflake over one bucket of the local AWS."""

    database: str
    bucket: str
    s3: Any
    connection: SnowflakeConnection
    server_endpoint: str
    connect_environment: Mapping[str, str]
    folder: Path
    variables: dict[str, Any] = field(default_factory=lambda: {"audit_days": 36500, "visibility_minutes": 0})
    _counted_from: float = 0.0

    def provision(self) -> None:
        """Makes what the warehouse stack makes, by its own code."""
        self.s3.create_bucket(Bucket=self.bucket)
        key = self.connect_environment["SNOWFLAKE_PRIVATE_KEY_PATH"]
        location = f"s3://{self.bucket}/tables/"
        subprocess.run(
            [
                *(ROOT / "node_modules" / ".bin" / "tsx", Path(__file__).with_name("provision.ts")),
                *(self.server_endpoint, key, self.database, location),
            ],
            check=True,
        )

    def publish(self, *batches: Batch) -> None:
        """Puts everything that the batches leave, and lets Snowflake see it."""
        for batch in batches:
            self.put(batch.objects())

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Puts objects (key to content) into the bucket and refreshes their tables."""
        for key, content in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        self.refresh({key.split("/")[1] for key in objects})

    def withdraw(self, objects: Mapping[str, bytes]) -> None:
        """Removes objects from the bucket and refreshes their tables."""
        for key in objects:
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        self.refresh({key.split("/")[1] for key in objects})

    def refresh(self, tables: Iterable[str]) -> None:
        """Lets Snowflake see what has changed below these tables' folders."""
        for table in tables:
            self.execute(f"alter external table {self.database}.RAW.{table} refresh")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            return list(cursor.execute(statement).fetchall())  # type: ignore[union-attr]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query; column names in lower case, `{db}` stands for the database."""
        with self.connection.cursor() as cursor:
            cursor.execute(query.format(db=self.database))
            names = [column.name.lower() for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table (`core.fct_reviews`), in an order of their own."""
        return sorted(self.rows(f"select * from {{db}}.{name}"), key=lambda row: json.dumps(row, default=str))

    @contextlib.contextmanager
    def emptied(self, table: str) -> Iterator[None]:
        """A table without its rows, for a while."""
        name, kept = f"{self.database}.{table}", f"{self.database}.{table}_kept"
        self.execute(f"create table {kept} as select * from {name}")
        self.execute(f"delete from {name}")
        yield
        self.execute(f"insert into {name} select * from {kept}")
        self.execute(f"drop table {kept}")

    def dbt(
        self, *arguments: str, variables: Mapping[str, Any] | None = None, project: Path = PROJECT
    ) -> DbtRun:
        """Runs a command line of dbt against this warehouse."""
        return run_dbt(
            arguments, self.folder, self.connect_environment, {**self.variables, **(variables or {})}, project
        )

    def succeed(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> DbtRun:
        """A dbt command that has to succeed."""
        run = self.dbt(*arguments, variables=variables)
        assert run.succeeded, run.output
        return run

    def _queries(self) -> list[dict[str, Any]]:
        with urlopen(f"{self.server_endpoint}/local/queries") as answer:  # noqa: S310 (a server of the tests)
            return list(json.load(answer))

    def forget_files_read(self) -> None:
        """What was read until now does not count."""
        self._counted_from = time.time()

    def files_read(self, table: str) -> set[str]:
        """Keys of the files of an external table that queries have read since then."""
        name = f"{self.database}.RAW.{table.upper()}"
        return {
            key
            for query in self._queries()
            if query["startedAt"] >= self._counted_from
            for key in query["externalTables"].get(name, {"read": []})["read"]
        }
