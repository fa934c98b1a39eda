"""Copies in S3 and what is known of them in DynamoDB, on the local AWS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import google_crc32c
import pytest
from connector.aws_objects import AwsRawObjects, AwsShelf
from connector.checked_stream import CheckedStream
from connector.copied import Copied
from connector.errors import OvertakenError
from connector.objects_source import DifferentError, SourceObject
from emulator_process import REGION, Server
from lists import budget

PART = 16 * 1024**2


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    server = Server.start("aws", tmp_path_factory.mktemp("aws"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        yield
    assert server.stop() == 0


@pytest.fixture
def bucket(aws: None) -> str:
    name = f"raw-{uuid.uuid4()}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def table(aws: None) -> str:
    name = f"ledger-{uuid.uuid4()}"
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "object", "KeyType": "HASH"},
            {"AttributeName": "version_id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("object", "version_id")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def stream(content: bytes, stated: bytes | None = None) -> tuple[SourceObject, CheckedStream]:
    checksum = google_crc32c.Checksum(content if stated is None else stated).digest()
    found = SourceObject("day 1", "7", len(content), "crc32c", checksum)
    chunks = (content[start : start + 5_000_000] for start in range(0, len(content), 5_000_000))
    return found, CheckedStream(chunks, found, budget())


@pytest.mark.parametrize("size", [1, PART - 1, PART, 2 * PART + 1])
def test_an_object_is_stored_with_the_version_that_it_is_of(bucket: str, size: int) -> None:
    raw, content = AwsRawObjects(bucket), b"x" * size
    assert raw.version("reviews/a") is None
    raw.put("reviews/a", *stream(content))
    assert raw.version("reviews/a") == "7"
    assert boto3.client("s3").get_object(Bucket=bucket, Key="reviews/a")["Body"].read() == content


@pytest.mark.parametrize("size", [1, PART, 2 * PART + 1])
def test_what_differs_from_its_checksum_is_not_stored_and_leaves_no_parts(bucket: str, size: int) -> None:
    raw = AwsRawObjects(bucket)
    with pytest.raises(DifferentError):
        raw.put("reviews/a", *stream(b"x" * size, stated=b"y"))
    assert raw.version("reviews/a") is None
    uploads = boto3.client("s3").list_multipart_uploads(Bucket=bucket)
    assert uploads.get("Uploads", []) == []


def test_what_was_noted_is_known_again(table: str) -> None:
    copied = Copied(AwsShelf("files", table))
    names = [f"day {number}" for number in range(1_000)]
    for name in names:
        copied.add(name, "1")
    copied.save()
    copied.add(names[0], "2")
    copied.save()
    again = Copied(AwsShelf("files", table))
    assert len(again) == 1_000
    assert again.has(names[0], "2")
    assert not again.has(names[0], "1")
    assert all(again.has(name, "1") for name in names[1:])
    assert len(Copied(AwsShelf("others", table))) == 0


def test_an_item_is_small_however_many_objects_there_are(table: str) -> None:
    copied = Copied(AwsShelf("files", table))
    for number in range(50_000):
        copied.add(f"day {number}", "1")
    copied.save()
    items: list[Any] = boto3.resource("dynamodb").Table(table).scan()["Items"]
    sizes = [len(bytes(item["copied"])) for item in items]
    assert len(sizes) == 256
    assert sum(sizes) == 50_000 * 16
    # Of a million objects, an item of DynamoDB holds its part: 400 KB are the limit.
    assert max(sizes) * 20 < 400_000


def test_a_run_that_was_overtaken_notes_nothing(table: str) -> None:
    older, newer = Copied(AwsShelf("files", table)), Copied(AwsShelf("files", table))
    newer.add("day 1", "2")
    newer.save()
    older.add("day 1", "1")
    with pytest.raises(OvertakenError, match="another run is copying the same objects"):
        older.save()
    assert Copied(AwsShelf("files", table)).has("day 1", "2")
