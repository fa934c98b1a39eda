"""States in the ledger table, objects in the raw bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from connector.errors import OvertakenError
from connector.journal import Entry, Pending
from connector.seen_pieces import SeenPieces
from connector.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

_NOT_FOUND = "404"


class AwsStore:
    """The store of one connector. Its items have no status, so no list of files shows them."""

    def __init__(self, connector: str, bucket: str, table: str) -> None:
        self._connector = connector
        self._bucket = bucket
        self._s3: S3Client = boto3.client("s3")
        self._table: Table = boto3.resource("dynamodb").Table(table)
        self._partition = f"connector:{connector}"
        self._seen = SeenPieces(self._table, self._partition)

    def load(self, stream: str) -> Entry:
        """The entry of a list; an empty one where there is none."""
        item = self._table.get_item(Key=self._key(stream), ConsistentRead=True).get("Item")
        if item is None:
            return Entry(State())
        found: dict[str, Any] = dict(item)
        pending = found.get("pending")
        return Entry(
            self._state(stream, found["state"]),
            Pending(pending["key"], self._state(stream, pending["state"])) if pending else None,
            int(found["revision"]),
        )

    def save(self, stream: str, entry: Entry) -> None:
        """Write an entry, if its predecessor is still there."""
        state = self._seen.put(stream, entry.state.as_item())
        following = self._seen.put(stream, entry.pending.state.as_item()) if entry.pending else None
        item: dict[str, Any] = {**self._key(stream), "state": state, "revision": entry.revision}
        if entry.pending:
            item["pending"] = {"key": entry.pending.key, "state": following}
        try:
            self._table.put_item(
                Item=item,
                ConditionExpression="attribute_not_exists(revision) OR revision = :before",
                ExpressionAttributeValues={":before": entry.revision - 1},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise OvertakenError(
                f"Connector {self._connector}: another run is reading the list {stream}; it goes on."
            ) from error
        self._seen.drop_others(stream, state, following)

    def has(self, key: str) -> bool:
        """Whether the object is there."""
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == _NOT_FOUND:
                return False
            raise
        return True

    def put(self, key: str, body: bytes) -> None:
        """Store an object, whole or not at all."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/gzip")

    def _state(self, stream: str, kept: dict[str, Any]) -> State:
        return State.from_item(self._seen.get(stream, kept))

    def _key(self, stream: str) -> dict[str, str]:
        return {"object": self._partition, "version_id": stream}
