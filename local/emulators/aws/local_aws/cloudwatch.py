"""Writing to CloudWatch Logs as the services themselves do on AWS."""

import time
from collections.abc import Sequence

from local_aws.pinned import private

_logs = private(
    "cloudwatch",
    "ministack.services.cloudwatch_logs",
    "_log_groups",
    "_create_log_group",
    "_create_log_stream",
    "_put_log_events",
)


def has_group(group: str) -> bool:
    """Whether the log group exists."""
    return group in _logs._log_groups


def write(group: str, stream: str, messages: Sequence[str]) -> None:
    """Append messages to a stream; group and stream are created if they do not exist."""
    if not has_group(group):
        _logs._create_log_group({"logGroupName": group})
    name = {"logGroupName": group, "logStreamName": stream}
    if stream not in _logs._log_groups[group]["streams"]:
        _logs._create_log_stream(name)
    now = round(time.time() * 1000)
    _logs._put_log_events({**name, "logEvents": [{"timestamp": now, "message": text} for text in messages]})
