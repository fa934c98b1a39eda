"""Lambda's worker processes end with the server (extension "lambda-workers").

MiniStack ends the workers that it knows at that moment. The threads that invoke functions go on: a worker
that one of them starts then would outlive the server, and so would one that is at work when the server is
killed.
"""

import threading
import time
from typing import Any

from local_aws.pinned import private, replace

_runtime = private(
    "lambda-workers",
    "ministack.core.lambda_runtime",
    "_NODEJS_WORKER_SCRIPT",
    "Worker._spawn",
    "kill_workers",
)

# Node stays up while an invocation is pending, though nobody can read its answer any more.
_END_WITH_SERVER = '\nrl.on("close", () => process.exit());\n'

_POLL_SECONDS = 0.01


class LambdaWorkers:
    """Every worker that has been started, and whether more may be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: set[Any] = set()
        self._starting = 0
        self._ending = False

    def install(self) -> None:
        """Note every worker before its process starts."""
        _runtime._NODEJS_WORKER_SCRIPT += _END_WITH_SERVER
        replace(_runtime.Worker, "_spawn", self._noting)

    def stop(self) -> None:
        """End every worker and let no more start; returns when their processes are gone."""
        with self._lock:
            self._ending = True
        while True:
            with self._lock:
                workers, starting = list(self._workers), self._starting
            _runtime.kill_workers(workers)
            if starting == 0:
                return
            time.sleep(_POLL_SECONDS)

    def _noting(self, original: Any) -> Any:
        def spawn(worker: Any) -> None:
            with self._lock:
                if self._ending:
                    raise RuntimeError(f"{worker.func_name} cannot be started: the server is ending")
                self._workers.add(worker)
                self._starting += 1
            try:
                original(worker)
            finally:
                with self._lock:
                    self._starting -= 1

        return spawn
