"""Copies of S3 objects for a job's process."""

from pathlib import Path
from urllib.parse import urlsplit

from local_aws.pinned import private

_s3 = private("glue-runs", "ministack.services.s3", "_get_object")


class FetchError(Exception):
    """An object that a job names does not exist or cannot be read."""


def fetch(uri: str, folder: Path) -> Path:
    """Copy an object into a folder, under the last part of its key."""
    parts = urlsplit(uri)
    key = parts.path.removeprefix("/")
    if parts.scheme not in {"s3", "s3a"} or not key:
        raise FetchError(f"{uri!r} is not the URI of an S3 object; give s3://bucket/key")
    status, _, body = _s3._get_object(parts.netloc, key, {}, {})
    if status != 200:
        raise FetchError(
            f"{uri} cannot be read: S3 answered {status}; upload it or correct the job's argument"
        )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / key.rsplit("/", 1)[-1]
    target.write_bytes(body)
    return target
