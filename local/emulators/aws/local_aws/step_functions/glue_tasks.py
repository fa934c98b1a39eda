"""The service integration ``glue:startJobRun`` and its ``.sync`` form (extension "glue-tasks")."""

import json
import time
from typing import Any

from local_aws.glue.job_run import JobRun
from local_aws.glue.runs import GlueRuns
from local_aws.pinned import private, replace
from local_aws.step_functions import current

_RESOURCE = "arn:aws:states:::glue:startJobRun"
# Errors that StartJobRun names ("StartJobRun", AWS Glue Web API Reference). Any other, such as throttling,
# arrives under the base name of the service's errors.
_NAMED_ERRORS = frozenset(
    {
        "InvalidInputException",
        "EntityNotFoundException",
        "InternalServiceException",
        "OperationTimeoutException",
        "ResourceNumberLimitExceededException",
        "ConcurrentRunsExceededException",
    }
)
_BASE_ERROR = "AWSGlueException"
# How soon a task notices that its execution was stopped.
_POLL_SECONDS = 0.2

_sfn = private(
    "glue-tasks",
    "ministack.services.stepfunctions",
    "_SERVICE_DISPATCH",
    "_ExecutionError",
    "_add_event",
    "_invoke_resource_with_timeout",
)


def install(glue: GlueRuns) -> None:
    """Add the integration."""
    tasks = _GlueTasks(glue)
    _sfn._SERVICE_DISPATCH[_RESOURCE] = tasks.invoke
    replace(_sfn, "_invoke_resource_with_timeout", tasks.timing_out)


class _GlueTasks:
    def __init__(self, glue: GlueRuns) -> None:
        self._glue = glue

    def timing_out(self, original: Any) -> Any:
        """MiniStack leaves a task that timed out running; a Glue task stops its run."""

        def invoke_with_timeout(resource: str, parameters: Any, seconds: float) -> Any:
            if resource.startswith(_RESOURCE):
                return self.invoke(resource, parameters, seconds)
            return original(resource, parameters, seconds)

        return invoke_with_timeout

    def invoke(
        self, resource: str, parameters: dict[str, Any], timeout: float | None = None
    ) -> dict[str, Any]:
        """Start the run; with .sync wait for its end. Raises MiniStack's execution error, named as on AWS."""
        status, _, body = self._glue.start_job_run(parameters)
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            code = str(answer.get("__type", "")).rsplit("#", 1)[-1]
            name = code if code in _NAMED_ERRORS else _BASE_ERROR
            cause = f"{answer.get('message')} (Service: AWSGlue; Status Code: 400; Error Code: {code})"
            raise _sfn._ExecutionError(f"Glue.{name}", cause)
        if not resource.endswith(".sync"):
            return answer
        execution = current.execution()
        if execution is not None:
            details = {"resourceType": "glue", "resource": "startJobRun.sync", "output": json.dumps(answer)}
            _sfn._add_event(execution, "TaskSubmitted", {"taskSubmittedEventDetails": details})
        run = self._glue.run(answer["JobRunId"])
        self._wait(run, execution, timeout)
        if run.record["JobRunState"] == "SUCCEEDED":
            return _shown(run)
        raise _sfn._ExecutionError("States.TaskFailed", json.dumps(_shown(run)))

    def _wait(self, run: JobRun, execution: dict[str, Any] | None, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not run.ended.wait(_POLL_SECONDS):
            if execution is not None and execution["status"] != "RUNNING":
                self._glue.stop_run(run)
                run.ended.wait()
            elif deadline is not None and time.monotonic() >= deadline:
                self._glue.stop_run(run)
                raise _sfn._ExecutionError("States.Timeout", "")


def _shown(run: JobRun) -> dict[str, Any]:
    """The run as Step Functions shows it: times as integers of milliseconds."""
    times = {"StartedOn", "LastModifiedOn", "CompletedOn"}
    return {name: round(value * 1000) if name in times else value for name, value in run.record.items()}
