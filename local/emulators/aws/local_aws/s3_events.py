"""S3's events in EventBridge name the object version (extension "s3-events")."""

import contextvars
import json
from typing import Any

from local_aws.pinned import private, replace

_s3 = private("s3-events", "ministack.services.s3", "_fire_s3_event")
_eventbridge = private("s3-events", "ministack.services.eventbridge", "_dispatch_event")

_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("version", default=None)


def install() -> None:
    """Carry the version id from the S3 notification to the event that goes to EventBridge."""
    replace(_s3, "_fire_s3_event", _noting_version)
    replace(_eventbridge, "_dispatch_event", _completing)


def _noting_version(original: Any) -> Any:
    def fire(*arguments: Any, version_id: str | None = None, **others: Any) -> Any:
        token = _version.set(version_id)
        try:
            return original(*arguments, version_id=version_id, **others)
        finally:
            _version.reset(token)

    return fire


def _completing(original: Any) -> Any:
    def dispatch(event: dict[str, Any], *others: Any) -> Any:
        if event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            _complete(detail["object"], deleted=event["DetailType"] == "Object Deleted")
            event = {**event, "Detail": json.dumps(detail)}
        return original(event, *others)

    return dispatch


def _complete(described: dict[str, Any], deleted: bool) -> None:
    """Fields as in "EventBridge event message structure", Amazon S3 user guide: a deletion has no size."""
    if version := _version.get():
        described["version-id"] = version
    if deleted:
        described.pop("size", None)
        if not described.get("etag"):
            described.pop("etag", None)
