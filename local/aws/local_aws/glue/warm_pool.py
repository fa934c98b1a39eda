"""Spark processes that are started ahead of their job: Spark's start-up takes longer than a small job."""

import itertools
import threading

from local_aws.glue.worker_process import Kind, WorkerProcess
from local_aws.options import Options


class WarmPool:
    """Keeps a number of workers with Spark started; each runs one job, then a new one takes its place."""

    def __init__(self, options: Options) -> None:
        """Start nothing yet; see fill."""
        self._options = options
        self._idle: list[WorkerProcess] = []
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._closed = False

    def fill(self) -> None:
        """Start workers until as many are idle as the options ask for."""
        with self._lock:
            self._idle = [worker for worker in self._idle if worker.alive]
            while not self._closed and len(self._idle) < self._options.warm:
                self._idle.append(self._start_worker("warm-spark"))

    def take(self) -> WorkerProcess:
        """Give out a started worker, or start one now if none is idle."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop(0)
                if worker.alive:
                    return worker
        return self._start_worker("spark")

    def _start_worker(self, kind: Kind) -> WorkerProcess:
        log = self._options.state / "glue" / f"worker-{next(self._numbers)}.log"
        return WorkerProcess(self._options, kind, log)

    def close(self) -> None:
        """End the idle workers."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()
