"""Reading object versions: parts of them, copies of them, and what is not there any more."""

import base64
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

HOSTILE_KEYS = [
    "a b",
    "a+b",
    "a%2Bb",
    "a%20b",
    "ключ",
    "a=b&c=d",
    "quote\"'",
    "line\nbreak",
    "back\\slash",
    "?#",
    "k" * 1024,
]


@pytest.fixture(scope="module")
def bucket(aws: Any) -> str:
    """A versioned bucket."""
    aws("s3").create_bucket(Bucket="versions")
    aws("s3").put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    return "versions"


@pytest.fixture(scope="module")
def old_version(aws: Any, bucket: str) -> dict[str, str]:
    """An object version that is not the current one."""
    version = aws("s3").put_object(Bucket=bucket, Key="a", Body=b"0123456789")["VersionId"]
    aws("s3").put_object(Bucket=bucket, Key="a", Body=b"newer")
    return {"Bucket": bucket, "Key": "a", "VersionId": version}


@pytest.mark.parametrize(
    ("requested", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
    ],
)
def test_range_of_a_version(
    aws: Any, old_version: dict[str, str], requested: str, body: bytes, content_range: str
) -> None:
    answer = aws("s3").get_object(**old_version, Range=requested, ChecksumMode="ENABLED")
    assert answer["Body"].read() == body
    assert (answer["ContentRange"], answer["ContentLength"]) == (content_range, len(body))
    assert answer["VersionId"] == old_version["VersionId"]


def test_range_beyond_the_end_is_refused(aws: Any, old_version: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="InvalidRange"):
        aws("s3").get_object(**old_version, Range="bytes=10-")


def test_version_without_range_is_whole(aws: Any, old_version: dict[str, str]) -> None:
    assert aws("s3").get_object(**old_version)["Body"].read() == b"0123456789"


def test_copies_are_made_of_the_version_asked_for(aws: Any, old_version: dict[str, str]) -> None:
    bucket = old_version["Bucket"]
    aws("s3").copy_object(Bucket=bucket, Key="copy", CopySource=old_version)
    assert aws("s3").get_object(Bucket=bucket, Key="copy")["Body"].read() == b"0123456789"
    upload = aws("s3").create_multipart_upload(Bucket=bucket, Key="part-copy")["UploadId"]
    where = {"Bucket": bucket, "Key": "part-copy", "UploadId": upload}
    part = aws("s3").upload_part_copy(
        **where, PartNumber=1, CopySource=old_version, CopySourceRange="bytes=2-5"
    )
    etag = part["CopyPartResult"]["ETag"]
    aws("s3").complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert aws("s3").get_object(Bucket=bucket, Key="part-copy")["Body"].read() == b"2345"


def test_checksum_is_told_if_asked_for(aws: Any, bucket: str) -> None:
    put = aws("s3").put_object(Bucket=bucket, Key="sum", Body=b"x", ChecksumAlgorithm="SHA256")
    expected = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    which = {"Bucket": bucket, "Key": "sum", "VersionId": put["VersionId"]}
    head = aws("s3").head_object(**which, ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ChecksumType"]) == (expected, "FULL_OBJECT")
    assert "ChecksumSHA256" not in aws("s3").head_object(**which)


def test_delete_marker_by_its_version_is_not_readable(aws: Any, bucket: str) -> None:
    put = aws("s3").put_object(Bucket=bucket, Key="gone", Body=b"x")
    marker = aws("s3").delete_object(Bucket=bucket, Key="gone")["VersionId"]
    with pytest.raises(ClientError) as refused:
        aws("s3").get_object(Bucket=bucket, Key="gone", VersionId=marker)
    assert refused.value.response["Error"]["Code"] == "MethodNotAllowed"
    with pytest.raises(ClientError) as refused:
        aws("s3").head_object(Bucket=bucket, Key="gone", VersionId=marker)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 405
    with pytest.raises(ClientError, match="NoSuchKey"):
        aws("s3").get_object(Bucket=bucket, Key="gone")
    assert aws("s3").get_object(Bucket=bucket, Key="gone", VersionId=put["VersionId"])["Body"].read() == b"x"


def test_unknown_version_is_an_error(aws: Any, old_version: dict[str, str]) -> None:
    with pytest.raises(ClientError) as refused:
        aws("s3").get_object(**{**old_version, "VersionId": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"})
    assert refused.value.response["Error"]["Code"] == "NoSuchVersion"


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_hostile_keys_are_kept(aws: Any, bucket: str, key: str) -> None:
    put = aws("s3").put_object(Bucket=bucket, Key=key, Body=key.encode())
    source = {"Bucket": bucket, "Key": key, "VersionId": put["VersionId"]}
    aws("s3").copy_object(Bucket=bucket, Key="hostile-copy", CopySource=source)
    assert aws("s3").get_object(Bucket=bucket, Key="hostile-copy")["Body"].read() == key.encode()
    assert aws("s3").get_object(**source, Range="bytes=0-0")["Body"].read() == key.encode()[:1]
    listed = aws("s3").list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
    assert key in {item["Key"] for item in listed}
    aws("s3").delete_object(**source)
