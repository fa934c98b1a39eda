"""How executions start and end on AWS (extension "execution-lifecycle")."""

import json
import threading
from typing import Any

from local_aws.pinned import private, replace

_sfn = private(
    "execution-lifecycle",
    "ministack.services.stepfunctions",
    "_executions",
    "_state_machines",
    "_start_execution",
    "_run_execution",
    "_fail_execution",
    "_add_event",
    "_emit_execution_status_event",
    "_resolve_state_machine_arn",
    "json_response",
    "now_iso",
)


class _ExecutionOver(BaseException):
    """Unwinds the thread of an execution that has been stopped or has timed out.

    Not an Exception: MiniStack's handlers must not treat it as an error of the state.
    """


def install() -> None:
    """Make starting idempotent, let the machine's TimeoutSeconds count, and let an end be final."""
    replace(_sfn, "_add_event", _refusing_after_the_end)
    replace(_sfn, "_fail_execution", _failing_only_while_running)
    replace(_sfn, "_run_execution", _timing_out)
    replace(_sfn, "_start_execution", _idempotent)


def _idempotent(original: Any) -> Any:
    """Same name and input while the execution runs: success with the running execution."""

    def start_execution(request: dict[str, Any]) -> Any:
        machine = _sfn._resolve_state_machine_arn(request.get("stateMachineArn", ""))
        if machine is not None and request.get("name"):
            arn = f"{machine.replace(':stateMachine:', ':execution:')}:{request['name']}"
            known = _sfn._executions.get(arn)
            if known and known["status"] == "RUNNING" and known["input"] == request.get("input", "{}"):
                return _sfn.json_response({"executionArn": arn, "startDate": known["startDate"]})
        return original(request)

    return start_execution


def _refusing_after_the_end(original: Any) -> Any:
    """Nothing but the end itself is written to the history of an execution that does not run any more."""

    def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> Any:
        if execution["status"] != "RUNNING" and not kind.startswith("Execution"):
            raise _ExecutionOver
        return original(execution, kind, details)

    return add_event


def _failing_only_while_running(original: Any) -> Any:
    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    return fail_execution


def _timing_out(original: Any) -> Any:
    def run_execution(arn: str) -> None:
        execution = _sfn._executions.get(arn)
        seconds = _timeout_seconds(execution)
        timer = threading.Timer(seconds, _time_out, [execution]) if execution and seconds else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            original(arn)
        except _ExecutionOver:
            pass
        finally:
            if timer is not None:
                timer.cancel()

    return run_execution


def _timeout_seconds(execution: dict[str, Any] | None) -> float | None:
    machine = _sfn._state_machines.get(execution["stateMachineArn"]) if execution else None
    try:
        definition = json.loads(machine["definition"]) if machine else {}
    except json.JSONDecodeError:
        return None  # MiniStack fails the execution for it
    seconds = definition.get("TimeoutSeconds")
    return None if seconds is None else float(seconds)


def _time_out(execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution["status"] = "TIMED_OUT"
    execution["stopDate"] = _sfn.now_iso()
    _sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    _sfn._emit_execution_status_event(execution)
