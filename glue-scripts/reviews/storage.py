"""Small objects and byte streams, by URI: s3:// through boto3 (which honours AWS_ENDPOINT_URL), or a
local path."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LISTING_PAGE = 1000  # DeleteObjects takes at most 1,000 keys (Amazon S3 API Reference)


def is_s3(uri: str) -> bool:
    return uri.startswith(("s3://", "s3a://"))


def _client() -> S3Client:
    import boto3  # imported late: a local run without S3 does not pay its half second

    return boto3.client("s3")


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def local_path(uri: str) -> Path:
    """The path a file:// URI or a plain path stands for."""
    return Path(unquote(urlsplit(uri).path)) if uri.startswith("file:") else Path(uri)


def read_text(uri: str) -> str:
    return b"".join(read_chunks(uri)).decode("utf-8")


def write_text(uri: str, text: str) -> None:
    if is_s3(uri):
        bucket, key = _bucket_and_key(uri)
        _client().put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType="application/json")
        return
    path = local_path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read_chunks(uri: str, size: int = 1 << 20) -> Iterator[bytes]:
    """The object's bytes in order, at most `size` bytes at a time."""
    if is_s3(uri):
        bucket, key = _bucket_and_key(uri)
        body = _client().get_object(Bucket=bucket, Key=key)["Body"]
        yield from body.iter_chunks(size)
        return
    with local_path(uri).open("rb") as stream:
        while chunk := stream.read(size):
            yield chunk


def delete_folder(uri: str) -> None:
    """Removes everything under the folder `uri`; nothing there is no error."""
    if not is_s3(uri):
        shutil.rmtree(local_path(uri), ignore_errors=True)
        return
    client = _client()
    bucket, prefix = _bucket_and_key(uri.rstrip("/") + "/")
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": _LISTING_PAGE}
    )
    for page in pages:
        if keys := [{"Key": item["Key"]} for item in page.get("Contents", [])]:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]
