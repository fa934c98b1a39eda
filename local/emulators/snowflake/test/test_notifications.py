"""Refresh by notification: S3 tells the queue, the queue tells the tables."""
# ruff: noqa: S608 (queries of the tests' own tables)

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from conftest import Raw
from emulator_process import REGION, Server, eventually
from support import BUCKET, QUEUE, review

ARN = f"arn:aws:sqs:{REGION}:999999999999:{QUEUE}"


@pytest.fixture
def notified(raw: Raw, server: Server) -> Iterator[Raw]:
    """A database whose bucket notifies the local Snowflake's queue."""
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    prefix = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "tables/"}]}}
    queue = {"QueueArn": ARN, "Events": events, "Filter": prefix}
    configuration = {"QueueConfigurations": [queue]}
    raw.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)
    yield raw
    raw.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})


def test_a_new_file_becomes_visible_by_itself_and_a_removed_one_goes(notified: Raw) -> None:
    notified.create("AUTO_REFRESH = TRUE")
    key = notified.put([review(1), review(2)], "2026-11-20", "b1")
    eventually(lambda: notified.count() == 2)
    notified.s3.delete_object(Bucket=BUCKET, Key=key)
    eventually(lambda: notified.count() == 0)


def test_a_table_without_auto_refresh_stays_as_it_is(notified: Raw) -> None:
    notified.create("AUTO_REFRESH = FALSE")
    other = f"{notified.database}.RAW.OTHER"
    notified.session.run(
        f"CREATE EXTERNAL TABLE {other} LOCATION = @{notified.database}.RAW.PUBLISHED/{notified.folder}/"
        " AUTO_REFRESH = TRUE FILE_FORMAT = (TYPE = PARQUET)"
    )
    notified.put([review(1)], "2026-11-20", "b1")
    eventually(lambda: notified.session.value(f"SELECT COUNT(*) FROM {other}") == 1)
    assert notified.count() == 0


def test_a_notification_twice_or_of_nothing_does_no_harm(notified: Raw, aws: Server) -> None:
    notified.create("AUTO_REFRESH = TRUE")
    sqs: Any = boto3.client(
        "sqs",
        endpoint_url=aws.endpoint,
        region_name=REGION,
        aws_access_key_id="999999999999",
        aws_secret_access_key="test",  # noqa: S106 (the local AWS takes any)
    )
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]

    def tell(key: str) -> None:
        bucket_and_key = {"bucket": {"name": BUCKET}, "object": {"key": key}}
        body = {"Records": [{"eventName": "ObjectCreated:Put", "s3": bucket_and_key}]}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    sqs.send_message(QueueUrl=url, MessageBody="not JSON")
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    tell(f"tables/{notified.folder}/ingest_date=2026-11-20/batch_id=gone/part-0.parquet")
    key = notified.put([review(1)], "2026-11-20", "b1")
    tell(key)
    tell(key)
    # Keys are form-encoded in notifications.
    notified.put([review(2)], "2026-11-20", "b 2+")
    eventually(lambda: notified.count() == 2)
