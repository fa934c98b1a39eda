"""Reads and writes objects by URI: s3:// through boto3 (which uses AWS_ENDPOINT_URL), or a local path.

An object appears complete or not at all: S3 does not show an unfinished upload, and a local file is written
under a temporary name and then renamed.
"""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LISTING_PAGE = 1000  # DeleteObjects takes at most 1,000 keys (Amazon S3 API Reference)
_UNFINISHED = ".unfinished"

# "How to prevent object overwrites with conditional writes", Amazon S3 User Guide: try again after a 409.
_CONFLICTS = 5


@dataclass(frozen=True)
class StoredObject:
    uri: str
    size_bytes: int


def is_s3(uri: str) -> bool:
    return uri.startswith(("s3://", "s3a://"))


@functools.cache
def _client() -> S3Client:
    import boto3  # imported late: it takes half a second, and a local run without S3 does not need it

    return boto3.client("s3")


# A forked process inherits open connections: two processes on one connection would mix up their responses.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_client.cache_clear)


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def local_path(uri: str) -> Path:
    """The local path of a file:// URI or a plain path."""
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


def write_new(uri: str, data: bytes, metadata: dict[str, str]) -> bool:
    """Makes the object, with figures beside it where the place keeps them; False where there is one of this
    name, which stays as it is."""
    if is_s3(uri):
        from botocore.exceptions import ClientError

        bucket, key = _bucket_and_key(uri)
        for attempts_left in reversed(range(_CONFLICTS)):
            try:
                _client().put_object(Bucket=bucket, Key=key, Body=data, Metadata=metadata, IfNoneMatch="*")
                return True
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code")
                if code == "PreconditionFailed":
                    return False
                # Somebody else is writing it at this moment.
                if code != "ConditionalRequestConflict" or not attempts_left:
                    raise
    path = local_path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    unfinished.write_bytes(data)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True


def read_chunks(uri: str, start: int = 0, size: int = 1 << 20) -> Iterator[bytes]:
    """The object's bytes from `start`, in order, in chunks of at most `size` bytes."""
    if is_s3(uri):
        bucket, key = _bucket_and_key(uri)
        # S3 refuses a byte range from 0 for an empty object.
        get = functools.partial(_client().get_object, Bucket=bucket, Key=key)
        body = (get(Range=f"bytes={start}-") if start else get())["Body"]
        try:
            yield from body.iter_chunks(size)
        finally:
            body.close()
        return
    with local_path(uri).open("rb") as stream:
        stream.seek(start)
        while chunk := stream.read(size):
            yield chunk


def upload(path: Path, uri: str) -> None:
    """Moves the local file to the object `uri`."""
    if is_s3(uri):
        bucket, key = _bucket_and_key(uri)
        _client().upload_file(str(path), bucket, key)
        path.unlink()
        return
    target = local_path(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + _UNFINISHED)
    shutil.move(path, unfinished)
    unfinished.replace(target)


def download(uri: str, folder: Path) -> Path:
    """A local file with the object's content: in `folder`, or the file itself if the URI is local."""
    if not is_s3(uri):
        return local_path(uri)
    bucket, key = _bucket_and_key(uri)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / key.rpartition("/")[2]
    _client().download_file(bucket, key, str(target))
    return target


def download_if_there(uri: str, folder: Path) -> Path | None:
    """Like `download`; None if there is no such object."""
    if not is_s3(uri):
        path = local_path(uri)
        return path if path.is_file() else None
    from botocore.exceptions import ClientError

    try:
        return download(uri, folder)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
            return None
        raise


def list_folder(uri: str) -> list[str]:
    """URIs of the objects under the folder `uri`, sorted."""
    return [found.uri for found in list_objects(uri)]


def list_objects(uri: str) -> list[StoredObject]:
    """The objects under the folder `uri`, sorted by URI."""
    if not is_s3(uri):
        paths = sorted(path for path in local_path(uri).rglob("*") if path.is_file())
        return [StoredObject(str(path), path.stat().st_size) for path in paths]
    bucket, _ = _bucket_and_key(uri)
    return [StoredObject(f"s3://{bucket}/{key}", size) for page in _pages(uri) for key, size in page.items()]


def delete_folder(uri: str) -> None:
    """Removes everything under the folder `uri`; an empty folder is not an error."""
    if not is_s3(uri):
        shutil.rmtree(local_path(uri), ignore_errors=True)
        return
    bucket, _ = _bucket_and_key(uri)
    for page in _pages(uri):
        objects = [{"Key": key} for key in page]
        _client().delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]


def _pages(uri: str) -> Iterator[dict[str, int]]:
    """Keys under the folder with their sizes in bytes, page by page; empty pages are skipped."""
    bucket, prefix = _bucket_and_key(uri.rstrip("/") + "/")
    pages = (
        _client()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": _LISTING_PAGE})
    )
    for page in pages:
        if found := {item["Key"]: item["Size"] for item in page.get("Contents", [])}:
            yield found
