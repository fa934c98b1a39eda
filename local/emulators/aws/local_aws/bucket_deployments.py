"""``Custom::CDKBucketDeployment`` without its function (extension "bucket-deployments").

The CDK's function runs the AWS command line out of a Lambda layer, which this machine cannot; the server
unpacks the sources itself. Properties as "BucketDeployment" of the CDK's API reference describes them; one
that is not performed here is refused.
"""

import fnmatch
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

from local_aws import endpoint
from local_aws.options import Options
from local_aws.pinned import private

_provisioners = private(
    "bucket-deployments", "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"
)

_REFUSED = ("DistributionId", "UserMetadata", "SystemMetadata", "OutputObjectVersionIds")
_KEYS_OF_ONE_DELETE = 1000  # "DeleteObjects", Amazon S3 API Reference


def install(options: Options) -> None:
    """Perform deployments as the stack is created, changed and deleted."""

    def create(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
        return f"aws.cdk.s3deployment.{uuid.uuid4()}", _Deployment(options, properties).perform()

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        previous, deployment = _Deployment(options, old), _Deployment(options, new)
        if deployment.destination != previous.destination and not deployment.retained:
            previous.remove()
        return physical_id, deployment.perform()

    def delete(_physical_id: str, properties: dict[str, Any]) -> None:
        deployment = _Deployment(options, properties)
        if not deployment.retained:
            deployment.remove()

    _provisioners._RESOURCE_HANDLERS["Custom::CDKBucketDeployment"] = {
        "create": create,
        "update": update,
        "delete": delete,
    }


class _Deployment:
    """The files of some zips, below one prefix of a bucket."""

    def __init__(self, options: Options, properties: dict[str, Any]) -> None:
        refused = [name for name in _REFUSED if properties.get(name) not in (None, {}, "", "false", False)]
        if refused:
            raise ValueError(
                f"Custom::CDKBucketDeployment: the local AWS does not perform {', '.join(refused)}"
            )
        self._s3 = endpoint.client(options, "s3")
        self._properties = properties
        prefix = str(properties.get("DestinationBucketKeyPrefix", "")).strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._bucket = str(properties["DestinationBucketName"])

    @property
    def destination(self) -> tuple[str, str]:
        """Bucket and prefix."""
        return self._bucket, self._prefix

    @property
    def retained(self) -> bool:
        """Whether the files outlive the deployment."""
        return self._flag("RetainOnDelete")

    def perform(self) -> dict[str, Any]:
        """Write the files and remove what is not among them, and return what Fn::GetAtt answers."""
        written = set()
        for name, content in self._files():
            if self._included(name):
                self._s3.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)
                written.add(self._prefix + name)
        if self._flag("Prune"):
            self._delete(
                key
                for key in self._present()
                if key not in written and self._included(key.removeprefix(self._prefix))
            )
        keys = self._properties["SourceObjectKeys"] if self._flag("OutputObjectKeys") else []
        return {
            "DestinationBucketArn": self._properties.get("DestinationBucketArn"),
            "SourceObjectKeys": keys,
        }

    def remove(self) -> None:
        """Delete everything below the prefix."""
        self._delete(iter(list(self._present())))

    def _flag(self, name: str) -> bool:
        """A switch of the CDK's function: text in the request, on where it is not given."""
        return str(self._properties.get(name, "true")).lower() == "true"

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every file; a later source overwrites an earlier one."""
        buckets, keys = self._properties["SourceBucketNames"], self._properties["SourceObjectKeys"]
        markers = self._properties.get("SourceMarkers") or [{}] * len(keys)
        configs = self._properties.get("SourceMarkersConfig") or [{}] * len(keys)
        for bucket, key, replaced, config in zip(buckets, keys, markers, configs, strict=True):
            content = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            if not self._flag("Extract"):
                yield key.rsplit("/", 1)[-1], content
                continue
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for entry in archive.infolist():
                    if not entry.is_dir():
                        yield entry.filename, _with_values(archive.read(entry), replaced, config)

    def _included(self, name: str) -> bool:
        """As ``aws s3 sync`` filters: what is excluded is out, unless it is included after that."""
        excluded = any(
            fnmatch.fnmatchcase(name, pattern) for pattern in self._properties.get("Exclude") or []
        )
        included = any(
            fnmatch.fnmatchcase(name, pattern) for pattern in self._properties.get("Include") or []
        )
        return included or not excluded

    def _present(self) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def _delete(self, keys: Iterator[str]) -> None:
        found = list(keys)
        for start in range(0, len(found), _KEYS_OF_ONE_DELETE):
            objects = [{"Key": key} for key in found[start : start + _KEYS_OF_ONE_DELETE]]
            self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})


def _with_values(content: bytes, markers: dict[str, Any], config: dict[str, Any]) -> bytes:
    """Put the values that are known only at deployment in the place of their markers."""
    escaped = str(config.get("jsonEscape", "false")).lower() == "true"
    for marker, value in markers.items():
        encoding = (config.get("markerEncodings") or {}).get(
            marker, "UNQUOTED_JSON_VALUE" if escaped else "LITERAL"
        )
        content = content.replace(marker.encode(), _encoded(value, encoding).encode())
    return content


def _encoded(value: Any, encoding: str) -> str:
    if encoding == "LITERAL":
        return str(value)
    if encoding == "JSON_VALUE":
        return json.dumps(value)
    if encoding == "UNQUOTED_JSON_VALUE":
        text = json.dumps(value)
        return text[1:-1] if text.startswith('"') else text
    raise ValueError(
        f"Custom::CDKBucketDeployment: the local AWS does not know the marker encoding {encoding}"
    )
