"""Which execution the current thread works for: MiniStack does not hand it to the service integrations."""

import contextvars
from typing import Any

from local_aws.pinned import private, replace

_sfn = private("current-execution", "ministack.services.stepfunctions", "_execute_task")

_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
_task: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("task", default=None)


def execution() -> dict[str, Any] | None:
    """Record of the execution whose task is being executed, if any."""
    return _execution.get()


def task() -> dict[str, Any]:
    """Definition of the task state that is being executed; empty outside of one."""
    return _task.get() or {}


def install() -> None:
    """Note execution and state around every task."""

    def noting(original: Any) -> Any:
        def execute_task(state: dict[str, Any], data: Any, of_execution: dict[str, Any], context: Any) -> Any:
            tokens = (_execution.set(of_execution), _task.set(state))
            try:
                return original(state, data, of_execution, context)
            finally:
                _execution.reset(tokens[0])
                _task.reset(tokens[1])

        return execute_task

    replace(_sfn, "_execute_task", noting)
