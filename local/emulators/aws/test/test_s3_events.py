"""S3's events in EventBridge."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

KEYS = ["reviews/a b+c%2B.json", 'reviews/"quoted"\\.json', "reviews/ключ=1.json", "reviews/line\nbreak.json"]


@dataclass(frozen=True)
class Watched:
    """A bucket whose events all go to a queue."""

    bucket: str
    next_event: Callable[[], dict[str, Any]]


@pytest.fixture
def watched(aws: Any, unique: Any, create_queue: Any, receive: Any) -> Watched:
    """A versioned bucket with EventBridge on."""
    bucket, rule = unique("watched"), unique("rule")
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    url, queue = create_queue()
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    aws("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    aws("events").put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])

    def next_event() -> dict[str, Any]:
        message = receive(url)[0]
        aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        event: dict[str, Any] = json.loads(message["Body"])
        return event

    return Watched(bucket, next_event)


def test_created_object_is_named_with_its_version(aws: Any, watched: Watched) -> None:
    put = aws("s3").put_object(Bucket=watched.bucket, Key="reviews/a.json", Body=b"12345")
    event = watched.next_event()
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    described = event["detail"]["object"]
    assert described["version-id"] == put["VersionId"]
    assert (described["key"], described["size"]) == ("reviews/a.json", 5)
    assert described["etag"] == put["ETag"].strip('"')
    assert event["detail"]["reason"] == "PutObject"


def test_sequencers_order_the_versions_of_a_key(aws: Any, watched: Watched) -> None:
    sequencers = []
    for body in (b"1", b"2"):
        aws("s3").put_object(Bucket=watched.bucket, Key="reviews/a.json", Body=body)
        sequencers.append(watched.next_event()["detail"]["object"]["sequencer"])
    assert sequencers == sorted(sequencers)
    assert len(set(sequencers)) == 2


@pytest.mark.parametrize("key", KEYS)
def test_key_is_raw_in_the_event(aws: Any, watched: Watched, key: str) -> None:
    put = aws("s3").put_object(Bucket=watched.bucket, Key=key, Body=b"{}")
    described = watched.next_event()["detail"]["object"]
    assert (described["key"], described["version-id"]) == (key, put["VersionId"])


def test_copy_and_multipart_upload_name_their_versions(aws: Any, watched: Watched) -> None:
    aws("s3").put_object(Bucket=watched.bucket, Key="a", Body=b"{}")
    watched.next_event()
    copied = aws("s3").copy_object(
        Bucket=watched.bucket, Key="b", CopySource={"Bucket": watched.bucket, "Key": "a"}
    )
    event = watched.next_event()
    assert event["detail"]["object"]["version-id"] == copied["VersionId"]
    assert event["detail"]["reason"] == "CopyObject"
    upload = aws("s3").create_multipart_upload(Bucket=watched.bucket, Key="c")["UploadId"]
    where = {"Bucket": watched.bucket, "Key": "c", "UploadId": upload}
    part = aws("s3").upload_part(**where, PartNumber=1, Body=b"{}")["ETag"]
    done = aws("s3").complete_multipart_upload(
        **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}
    )
    event = watched.next_event()
    assert event["detail"]["object"]["version-id"] == done["VersionId"]
    assert event["detail"]["reason"] == "CompleteMultipartUpload"


def test_delete_marker_is_told_from_a_permanent_delete(aws: Any, watched: Watched) -> None:
    put = aws("s3").put_object(Bucket=watched.bucket, Key="a", Body=b"{}")
    watched.next_event()
    marker = aws("s3").delete_object(Bucket=watched.bucket, Key="a")["VersionId"]
    event = watched.next_event()
    assert (event["detail-type"], event["detail"]["deletion-type"]) == (
        "Object Deleted",
        "Delete Marker Created",
    )
    assert event["detail"]["object"]["version-id"] == marker
    assert "size" not in event["detail"]["object"]
    aws("s3").delete_object(Bucket=watched.bucket, Key="a", VersionId=put["VersionId"])
    event = watched.next_event()
    assert event["detail"]["deletion-type"] == "Permanently Deleted"
    assert event["detail"]["object"]["version-id"] == put["VersionId"]
