"""State-machine logs in CloudWatch Logs (extension "execution-logs")."""

import json
import logging
import time
from typing import Any

from local_aws import cloudwatch
from local_aws.pinned import private, replace

_sfn = private(
    "execution-logs",
    "ministack.services.stepfunctions",
    "_add_event",
    "_run_execution",
    "_executions",
    "_state_machines",
)
_log = logging.getLogger(__name__)

# Which events each level logs; see "Log levels for Step Functions execution events" in its developer guide.
_DATA = frozenset({"input", "output", "parameters"})
_ENDS_BADLY = ("Failed", "TimedOut", "Aborted")


def install() -> None:
    """Write the events of an execution that the machine's log level includes to the machine's log group."""
    replace(_sfn, "_add_event", _logging)
    replace(_sfn, "_run_execution", _logging_start)


def _logging(original: Any) -> Any:
    def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> Any:
        event = original(execution, kind, details)
        _write(execution, event)
        return event

    return add_event


def _logging_start(original: Any) -> Any:
    """MiniStack writes the first event past _add_event."""

    def run_execution(arn: str) -> None:
        execution = _sfn._executions[arn]
        _write(execution, execution["events"][0])
        original(arn)

    return run_execution


def _write(execution: dict[str, Any], event: dict[str, Any]) -> None:
    machine = _sfn._state_machines.get(execution["stateMachineArn"])
    if machine is None:
        return
    # CloudFormation's properties start with capitals, the API's do not; MiniStack keeps what it was given.
    settings = _lower_case_names(machine.get("loggingConfiguration") or {})
    if not _is_logged(settings.get("level", "OFF"), event["type"]) or not settings.get("destinations"):
        return
    arn = settings["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    group = arn.split(":log-group:", 1)[1].removesuffix(":*")
    if not cloudwatch.has_group(group):
        _log.warning("State machine %s logs to %s, which does not exist", machine["name"], group)
        return
    line = _line(execution, event, bool(settings.get("includeExecutionData", False)))
    cloudwatch.write(group, f"states/{machine['name']}/{time.strftime('%Y-%m-%d')}", [json.dumps(line)])


def _is_logged(level: str, kind: str) -> bool:
    if level == "ALL":
        return True
    if level == "ERROR":
        return kind.endswith(_ENDS_BADLY)
    return level == "FATAL" and kind.startswith("Execution") and kind.endswith(_ENDS_BADLY)


def _line(execution: dict[str, Any], event: dict[str, Any], with_data: bool) -> dict[str, Any]:
    details: dict[str, Any] = next((event[name] for name in event if name.endswith("EventDetails")), {})
    if not with_data:
        details = {name: value for name, value in details.items() if name not in _DATA}
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event.get("previousEventId", 0)),
        "event_timestamp": str(round(time.time() * 1000)),
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }


def _lower_case_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _lower_case_names(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_lower_case_names(item) for item in value]
    return value
