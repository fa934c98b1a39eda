"""State that outlives a kill (extension "durable-state", only with --durable).

MiniStack writes its state when it is told to stop, and none when it is killed. AWS loses nothing that it has
acknowledged. Here everything is on disk whenever an execution enters a state or ends, and the tables of
DynamoDB and the objects of S3 after each write.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from local_aws.glue.job_run import ENDED_STATES
from local_aws.pinned import private, replace

_EXTENSION = "durable-state"
_app = private(_EXTENSION, "ministack.app", "_build_persistence_save_dict")
_persistence = private(_EXTENSION, "ministack.core.persistence", "save_state")
_dynamodb = private(_EXTENSION, "ministack.services.dynamodb", "handle_request", "get_state")
_glue = private(_EXTENSION, "ministack.services.glue", "_job_runs", "load_persisted_state")
_sfn = private(_EXTENSION, "ministack.services.stepfunctions", "_add_event")

_READS = ("Get", "Query", "Scan", "Describe", "List", "BatchGet", "TransactGet")

# Other threads change what is copied: such a copy is made again.
_COPIES = 20


def install() -> None:
    """Write the state at every step that AWS would acknowledge."""
    writer = _Writer()
    replace(_sfn, "_add_event", writer.after_step)
    replace(_dynamodb, "handle_request", writer.after_write)
    replace(_glue, "load_persisted_state", _ending_runs)


class _Writer:
    """Writes one state at a time, whatever asks for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def after_step(self, original: Any) -> Any:
        def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> Any:
            event = original(execution, kind, details)
            if kind.endswith("StateEntered") or kind.startswith("Execution"):
                self._write(_app._build_persistence_save_dict())
            return event

        return add_event

    def after_write(self, original: Any) -> Any:
        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Any:
            response = await original(method, path, headers, body, query)
            if not headers.get("x-amz-target", "").rpartition(".")[2].startswith(_READS):
                self._write({"dynamodb": _dynamodb.get_state})
            return response

        return handle_request

    def _write(self, states: dict[str, Callable[[], Any]]) -> None:
        with self._lock:
            for name, get_state in states.items():
                _persistence.save_state(name, _copied(get_state))


def _copied(get_state: Callable[[], Any]) -> Any:
    for _ in range(_COPIES):
        try:
            return get_state()
        except RuntimeError:
            time.sleep(0.001)
    return get_state()


def _ending_runs(original: Any) -> Any:
    """The processes of job runs end with the server, so none of them runs after a restart."""

    def load_persisted_state(data: Any) -> Any:
        loaded = original(data)
        for runs in _glue._job_runs.all_values():
            for record in runs:
                if record["JobRunState"] not in ENDED_STATES:
                    message = "The local AWS ended while the job ran."
                    record |= {"JobRunState": "FAILED", "ErrorMessage": message, "CompletedOn": time.time()}
        return loaded

    return load_persisted_state
