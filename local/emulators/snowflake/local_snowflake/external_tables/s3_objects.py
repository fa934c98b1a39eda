"""Parquet objects on S3, and the copies of registered ones below the state folder.

A warehouse keeps what it has read on its own disk; so does this one. A registered version of an object
never changes, so its copy is kept under its ETag, and DuckDB reads the copy.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pyarrow
import pyarrow.parquet as parquet
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

_VERSION_LENGTH = 16

NOTHING = ""
"""In place of a schema's id, of a file that no row can be read of."""


@dataclass(frozen=True)
class RemoteFile:
    """An object as S3 lists it."""

    bucket: str
    key: str
    etag: str
    size: int
    last_modified: datetime


class S3Objects:
    """Reads from S3 and keeps copies."""

    def __init__(self, endpoint: str, region: str, state: Path) -> None:
        self.folder = state / "files"
        self._schemas = state / "schemas"
        self._schemas.mkdir(parents=True, exist_ok=True)
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 (the local AWS takes any)
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}, connect_timeout=5),
        )

    def list(self, bucket: str, prefix: str) -> Iterator[RemoteFile]:
        """The objects below a prefix."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                modified = entry["LastModified"]
                yield RemoteFile(bucket, entry["Key"], entry["ETag"].strip('"'), entry["Size"], modified)

    def head(self, bucket: str, key: str) -> RemoteFile | None:
        """An object, if it is there."""
        try:
            found = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        return RemoteFile(
            bucket, key, found["ETag"].strip('"'), found["ContentLength"], found["LastModified"]
        )

    def fetch(self, file: RemoteFile) -> str:
        """Copy what a scan of an object returns, and its schema; returns the schema's id, or NOTHING."""
        copy = self.copy_of(file.bucket, file.key, file.etag)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            unfinished = copy.with_name(f".{copy.name}")
            self._client.download_file(file.bucket, file.key, str(unfinished))
            _leave_what_can_be_scanned(unfinished)
            unfinished.replace(copy)
        if copy.stat().st_size == 0:
            return NOTHING
        schema = parquet.read_schema(copy).remove_metadata()
        identity = hashlib.sha256(schema.serialize().to_pybytes()).hexdigest()[:_VERSION_LENGTH]
        if not (empty := self.schema_file(identity)).exists():
            parquet.write_table(schema.empty_table(), empty)
        return identity

    def copy_of(self, bucket: str, key: str, etag: str) -> Path:
        """Where the copy of a version of an object lies. Raises ValueError for keys that lead elsewhere."""
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts) or any(len(part.encode()) > 250 for part in parts):
            raise ValueError("its key cannot be a path of files")
        return self.folder_of(bucket, etag).joinpath(*parts)

    def folder_of(self, bucket: str, etag: str) -> Path:
        """The folder below which the copy's path is the key."""
        return self.folder / hashlib.sha256(etag.encode()).hexdigest()[:_VERSION_LENGTH] / bucket

    def prefix_length(self, bucket: str) -> int:
        """How many characters of a copy's path come before its key; the same for every version."""
        return len(str(self.folder_of(bucket, ""))) + 1

    def schema_file(self, identity: str) -> Path:
        """A Parquet file of a schema, without rows."""
        return self._schemas / f"{identity}.parquet"

    def discard(self, bucket: str, key: str, etag: str) -> None:
        """Remove the copy of a version that no table has any more."""
        self.copy_of(bucket, key, etag).unlink(missing_ok=True)


def _leave_what_can_be_scanned(file: Path) -> None:
    """What a scan returns of a file: the row groups before the first that cannot be read, or no bytes at all.

    Snowflake registers a file without reading it; a query skips one that it cannot scan without an error, and
    may return the rows before the damage ("Introduction to external tables", Snowflake user guide).
    """
    try:
        opened = parquet.ParquetFile(file)
    except (ValueError, OSError):
        file.write_bytes(b"")
        return
    groups: list[pyarrow.Table] = []
    with opened:
        schema, number = opened.schema_arrow, opened.num_row_groups
        try:
            groups.extend(opened.read_row_group(group) for group in range(number))
        except (ValueError, OSError):
            _log.warning(
                "%s cannot be read whole: its table shows %d of %d row groups", file, len(groups), number
            )
    if len(groups) < number:
        parquet.write_table(pyarrow.concat_tables(groups) if groups else schema.empty_table(), file)
