"""Execution histories as the Step Functions console shows them (extension "history")."""

import json
from typing import Any

from local_aws.pinned import private, replace
from local_aws.step_functions import current

_sfn = private("history", "ministack.services.stepfunctions", "_add_event", "_run_execution", "_executions")

_INTEGRATION = "arn:aws:states:::"
_ABOUT_RESOURCES = frozenset({"TaskScheduled", "TaskSucceeded", "TaskFailed"})


def install(region: str) -> None:
    """Complete the events that MiniStack writes: previous event, service and action, and TaskStarted."""

    def completing(original: Any) -> Any:
        def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> Any:
            kind, details = _as_aws(kind, details or {}, region)
            event = original(execution, kind, details)
            event["previousEventId"] = event["id"] - 1
            if kind == "TaskScheduled":
                scheduled = details["taskScheduledEventDetails"]
                started = {name: scheduled[name] for name in ("resourceType", "resource")}
                add_event(execution, "TaskStarted", {"taskStartedEventDetails": started})
            return event

        return add_event

    replace(_sfn, "_add_event", completing)
    replace(_sfn, "_run_execution", _completing_first_event)


def _completing_first_event(original: Any) -> Any:
    def run_execution(arn: str) -> None:
        _sfn._executions[arn]["events"][0]["previousEventId"] = 0
        original(arn)

    return run_execution


def _as_aws(kind: str, details: dict[str, Any], region: str) -> tuple[str, dict[str, Any]]:
    if kind not in _ABOUT_RESOURCES:
        return kind, details
    ((name, given),) = details.items()
    values = {**given, **_service_and_action(given["resource"])}
    if kind == "TaskFailed" and values["error"] == "States.Timeout":
        return "TaskTimedOut", {"taskTimedOutEventDetails": values}
    if kind == "TaskScheduled":
        values |= _of_the_task(region)
    return kind, {name: values}


def _of_the_task(region: str) -> dict[str, Any]:
    state = current.task()
    values = {
        "region": region,
        "parameters": json.dumps(current.parameters()),
    }
    if "TimeoutSeconds" in state:
        values["timeoutInSeconds"] = state["TimeoutSeconds"]
    return values


def _service_and_action(resource: str) -> dict[str, str]:
    if not resource.startswith(_INTEGRATION):
        return {"resourceType": "lambda" if ":lambda:" in resource else "states", "resource": resource}
    service, _, action = resource.removeprefix(_INTEGRATION).rpartition(":")
    return {"resourceType": service, "resource": action}
