"""What one replication is told, as the template of AWS says it; the names are those of DMS's settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Source:
    """A PostgreSQL. `connection`: libpq's parameters, TLS's among them."""

    connection: dict[str, Any]
    schema: str
    table: str
    heartbeat_schema: str | None
    heartbeat_seconds: float


@dataclass(frozen=True)
class Target:
    """Where the files go, and what begins a new one. "S3Settings", AWS DMS API Reference."""

    endpoint: str
    bucket: str
    folder: str
    timestamp_column: str
    change_column: str
    max_batch_seconds: float
    min_file_kilobytes: int
    max_file_kilobytes: int


@dataclass(frozen=True)
class Settings:
    name: str
    """Of the replication; its slot and publication have this name too."""
    source: Source
    target: Target
    rds_instance: str | None
    """Under which RDS would report the slot's lag."""


def read(path: Path) -> Settings:
    """The settings in a file of JSON."""
    document = json.loads(path.read_text())
    return Settings(
        document["name"],
        Source(**document["source"]),
        Target(**document["target"]),
        document["rds_instance"],
    )
