"""Limits of Step Functions that end an execution whatever it catches (extension "limits")."""

import json
from typing import Any

from local_aws.pinned import private, replace
from local_aws.step_functions import current

_sfn = private(
    "limits",
    "ministack.services.stepfunctions",
    "_add_event",
    "_error_matches",
    "_start_execution",
    "_ExecutionError",
    "error_response_json",
)

# "Step Functions service quotas", AWS Step Functions Developer Guide: input or output of a task, state or
# execution, as UTF-8.
_MAX_BYTES = 262_144

_DATA_LIMIT = "States.DataLimitExceeded"
_RUNTIME = "States.Runtime"
# "Handling errors in Step Functions workflows": States.ALL matches neither of them.
_UNCATCHABLE = frozenset({_DATA_LIMIT, _RUNTIME})

_SERVICE_INTEGRATION = "arn:aws:states:::"


def install() -> None:
    """Refuse payloads beyond the limit and null arguments, and let nothing catch either."""
    replace(_sfn, "_add_event", _checking)
    replace(_sfn, "_error_matches", _matching_what_can_be_caught)
    replace(_sfn, "_start_execution", _limiting_input)


def _matching_what_can_be_caught(original: Any) -> Any:
    def error_matches(error_equals: list[str], error: str) -> bool:
        return error not in _UNCATCHABLE and bool(original(error_equals, error))

    return error_matches


def _checking(original: Any) -> Any:
    """Every payload passes an event of the history: arguments and answer of a task, output of a state."""

    def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> Any:
        values: dict[str, Any] = next(iter((details or {}).values()), {})
        if kind == "TaskScheduled":
            _check_arguments(values["resource"], current.parameters())
        elif kind == "TaskSucceeded" or kind.endswith("StateExited"):
            _check_size("output", values["output"])
        return original(execution, kind, details)

    return add_event


def _check_arguments(resource: str, arguments: Any) -> None:
    _check_size("arguments", json.dumps(arguments))
    if not resource.startswith(_SERVICE_INTEGRATION) or not isinstance(arguments, dict):
        return
    # Documented nowhere, so the strict reading: null is no value of any type that a service takes.
    null = [name for name, value in arguments.items() if value is None]
    if null:
        raise _sfn._ExecutionError(_RUNTIME, f"The value of the argument {', '.join(null)} is null")


def _check_size(what: str, text: str) -> None:
    # Cheap first: with every character escaped, the text is at most six times as long as its bytes.
    if len(text) <= _MAX_BYTES:
        return
    plain = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    size = len(plain.encode())
    if size > _MAX_BYTES:
        raise _sfn._ExecutionError(_DATA_LIMIT, f"The {what} has {size} bytes; the limit is {_MAX_BYTES}")


def _limiting_input(original: Any) -> Any:
    """StartExecution refuses an input beyond the limit ("StartExecution", Step Functions API Reference)."""

    def start_execution(request: dict[str, Any]) -> Any:
        size = len(str(request.get("input", "{}")).encode())
        if size > _MAX_BYTES:
            message = f"input has {size} bytes; the limit is {_MAX_BYTES}"
            return _sfn.error_response_json("ValidationException", message, 400)
        return original(request)

    return start_execution
