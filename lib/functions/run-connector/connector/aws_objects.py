"""Copies of objects in the raw bucket, and what has been copied in the ledger table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.conditions import Key
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from connector.checked_stream import CheckedStream
from connector.errors import OvertakenError
from connector.objects_source import SourceObject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

# Metadata that names the version of the source's object.
_VERSION = "source-version"
_NOT_FOUND = "404"

_PART_BYTES = 16 * 1024**2
# An upload has 10,000 parts at most. "Amazon S3 multipart upload limits", Amazon S3 User Guide.
_PARTS = 9_000
# Parts that are sent, and that wait to be sent: what a large object takes of the memory.
_SENT, _WAITING = 2, 2


class AwsRawObjects:
    """Objects of the raw bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._s3: S3Client = boto3.client("s3")

    def version(self, key: str) -> str | None:
        """Version of the source's object that is there; None where there is none."""
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=key)["Metadata"].get(_VERSION)
        except ClientError as error:
            if error.response["Error"]["Code"] == _NOT_FOUND:
                return None
            raise

    def put(self, key: str, found: SourceObject, stream: CheckedStream) -> None:
        """Store an object in parts. If reading fails, the upload is given up and nothing is stored."""
        part = max(_PART_BYTES, -(-found.size // _PARTS))
        config = TransferConfig(multipart_threshold=part, multipart_chunksize=part, max_concurrency=_SENT)
        # An attribute of s3transfer's class, for which boto3's has no parameter.
        config.max_in_memory_upload_chunks = _WAITING
        extra = {"Metadata": {_VERSION: found.version}}
        self._s3.upload_fileobj(stream, self._bucket, key, ExtraArgs=extra, Config=config)  # type: ignore[arg-type]


class AwsShelf:
    """The items of one connector. They have no status, so no list of files shows them."""

    def __init__(self, connector: str, table: str) -> None:
        self._connector = connector
        self._table: Table = boto3.resource("dynamodb").Table(table)
        self._partition = f"connector:{connector}"

    def load(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, revision and content of each item that is there."""
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("object").eq(self._partition)
            & Key("version_id").begins_with("copied#"),
            "ConsistentRead": True,
        }
        while True:
            answer = self._table.query(**query)
            for item in answer["Items"]:
                found: dict[str, Any] = dict(item)
                yield (
                    int(found["version_id"].partition("#")[2], 16),
                    int(found["revision"]),
                    bytes(found["copied"]),
                )
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def save(self, number: int, revision: int, content: bytes) -> None:
        """Write an item, if its predecessor is still there."""
        try:
            self._table.put_item(
                Item={
                    "object": self._partition,
                    "version_id": f"copied#{number:02x}",
                    "revision": revision,
                    "copied": content,
                },
                ConditionExpression="attribute_not_exists(revision) OR revision = :before",
                ExpressionAttributeValues={":before": revision - 1},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise OvertakenError(
                f"Connector {self._connector}: another run is copying the same objects; it goes on."
            ) from error
