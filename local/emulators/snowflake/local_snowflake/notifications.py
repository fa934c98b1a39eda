"""Refresh by notification: the SQS queue that plays Snowflake's notification channel."""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_plus

import boto3  # type: ignore[import-untyped]

from local_snowflake.integrations import AWS_ACCOUNT

_log = logging.getLogger(__name__)

# Both short: what a poll received whose process ended meanwhile comes again after the second.
_WAIT_SECONDS = 1
_INVISIBLE_SECONDS = 10
_PAUSE_AFTER_ERROR_SECONDS = 1.0

Notice = Callable[[str, Iterable[str]], Any]
"""Called with a bucket and those of its keys that were created or removed."""


def channel_arn(region: str, queue_name: str) -> str:
    """ARN of the queue, as SHOW EXTERNAL TABLES gives it and bucket notifications want it."""
    return f"arn:aws:sqs:{region}:{AWS_ACCOUNT}:{queue_name}"


class Notifications:
    """Polls the queue until it is stopped. A message goes only when its tables have been refreshed."""

    def __init__(self, endpoint: str, region: str, queue_name: str, notice: Notice) -> None:
        self._notice = notice
        self._stopping = threading.Event()
        # The local AWS takes the access key for the account's id.
        self._client: Any = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=AWS_ACCOUNT,
            aws_secret_access_key="test",  # noqa: S106
        )
        self._queue_name = queue_name

    def start(self) -> None:
        """Create the queue, unless it is there, and begin to poll. Raises what boto3 raises if AWS is not
        there."""
        url = self._client.create_queue(QueueName=self._queue_name)["QueueUrl"]
        threading.Thread(target=self._poll, args=(url,), daemon=True, name="notifications").start()

    def stop(self) -> None:
        """Poll no more."""
        self._stopping.set()

    def _poll(self, url: str) -> None:
        while not self._stopping.is_set():
            try:
                self._receive(url)
            except Exception:
                _log.exception("refresh by notification failed; the messages come again")
                self._stopping.wait(_PAUSE_AFTER_ERROR_SECONDS)

    def _receive(self, url: str) -> None:
        answer = self._client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=_WAIT_SECONDS,
            VisibilityTimeout=_INVISIBLE_SECONDS,
        )
        messages = answer.get("Messages", [])
        by_bucket: dict[str, set[str]] = {}
        for message in messages:
            for bucket, key in _objects(message["Body"]):
                by_bucket.setdefault(bucket, set()).add(key)
        for bucket, keys in by_bucket.items():
            self._notice(bucket, keys)
        if messages:
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
            self._client.delete_message_batch(QueueUrl=url, Entries=entries)


def _objects(body: str) -> Iterable[tuple[str, str]]:
    """Buckets and keys of an S3 notification, whose keys are form-encoded; none of S3's test event."""
    try:
        records = json.loads(body).get("Records", [])
    except ValueError:
        _log.warning("not an S3 notification: %.200s", body)
        return
    for record in records:
        if record["eventName"].startswith(("ObjectCreated", "ObjectRemoved")):
            yield record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
