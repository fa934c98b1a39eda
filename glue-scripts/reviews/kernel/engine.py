"""DuckDB as the jobs use it: in this process, with a memory limit, without any download."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb


@contextlib.contextmanager
def connect(folder: Path, *, memory_bytes: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory; data beyond `memory_bytes` spills to disk in `folder`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{memory_bytes // 1024}KiB",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=config) as database:
        _in_utc(database)
        yield database


@contextlib.contextmanager
def cursor(database: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the same database for another thread; it sees all tables except temporary ones."""
    with database.cursor() as opened:
        _in_utc(opened)
        yield opened


def _in_utc(connection: duckdb.DuckDBPyConnection) -> None:
    # The setting belongs to the connection: a cursor does not inherit it.
    connection.execute("set timezone = 'UTC'")


def parquet_options(*, level: int, row_group_rows: int) -> str:
    """Options of COPY for a zstd Parquet file."""
    return f"format parquet, compression zstd, compression_level {level}, row_group_size {row_group_rows}"
