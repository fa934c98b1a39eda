"""Which execution the current thread works for: MiniStack does not hand it to the service integrations."""

import contextvars
from typing import Any

from local_aws.pinned import private, replace

_sfn = private(
    "current-execution",
    "ministack.services.stepfunctions",
    "_execute_task",
    "_apply_parameters",
    "_apply_jsonata_arguments",
)

_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
_parameters: contextvars.ContextVar[Any] = contextvars.ContextVar("parameters", default=None)
_task: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("task", default=None)


def execution() -> dict[str, Any] | None:
    """Record of the execution whose task is being executed, if any."""
    return _execution.get()


def task() -> dict[str, Any]:
    """Definition of the task state that is being executed; empty outside of one."""
    return _task.get() or {}


def parameters() -> Any:
    """The parameters of the task, evaluated."""
    return _parameters.get()


def install() -> None:
    """Note execution, state and parameters of every task."""

    def noting(original: Any) -> Any:
        def execute_task(state: dict[str, Any], data: Any, of_execution: dict[str, Any], context: Any) -> Any:
            tokens = (_execution.set(of_execution), _task.set(state))
            try:
                return original(state, data, of_execution, context)
            finally:
                _execution.reset(tokens[0])
                _task.reset(tokens[1])

        return execute_task

    def noting_parameters(original: Any) -> Any:
        def evaluate(state: dict[str, Any], *arguments: Any) -> Any:
            result = original(state, *arguments)
            if state is task():
                _parameters.set(result)
            return result

        return evaluate

    replace(_sfn, "_execute_task", noting)
    replace(_sfn, "_apply_parameters", noting_parameters)
    replace(_sfn, "_apply_jsonata_arguments", noting_parameters)
