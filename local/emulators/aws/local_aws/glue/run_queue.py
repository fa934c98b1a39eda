"""Decides when an accepted run may start: limits of its job, and of the machine."""

import threading
from collections.abc import Callable

from local_aws.glue.job_run import JobRun


class RunQueue:
    """Starts runs in the order of their arrival, within the limits, each on a thread of its own.

    A run waits while its job has MaxConcurrentRuns at work, and while all slots are taken; a run that waits
    for its own job lets the runs of other jobs pass.
    """

    def __init__(self, slots: int, execute: Callable[[JobRun], None]) -> None:
        """Take the number of runs that may be at work at once, and what runs a run to its end."""
        self._slots = slots
        self._execute = execute
        self._waiting: list[JobRun] = []
        self._working: list[JobRun] = []
        self._lock = threading.Lock()

    def add(self, run: JobRun) -> None:
        """Accept a run."""
        with self._lock:
            self._waiting.append(run)
        self._start_what_may()

    def active_runs(self, job_name: str) -> int:
        """Runs of a job that are at work or wait for a slot of the machine."""
        with self._lock:
            return sum(1 for run in [*self._waiting, *self._working] if run.record["JobName"] == job_name)

    def withdraw(self, run: JobRun) -> bool:
        """Take a run out of the queue; False if it is not waiting any more."""
        with self._lock:
            if run not in self._waiting:
                return False
            self._waiting.remove(run)
            return True

    def working(self) -> list[JobRun]:
        """Runs at work."""
        with self._lock:
            return list(self._working)

    def _start_what_may(self) -> None:
        with self._lock:
            for run in list(self._waiting):
                if self._may_start(run):
                    self._waiting.remove(run)
                    self._working.append(run)
                    threading.Thread(
                        target=self._run_to_end, args=(run,), daemon=True, name=f"glue-{run.id[:12]}"
                    ).start()

    def _may_start(self, run: JobRun) -> bool:
        same_job = sum(1 for other in self._working if other.record["JobName"] == run.record["JobName"])
        # A streaming job runs for good, on workers of its own: it takes no slot from the others.
        taken = sum(1 for other in self._working if not other.is_streaming)
        return same_job < run.max_concurrent_runs and (run.is_streaming or taken < self._slots)

    def _run_to_end(self, run: JobRun) -> None:
        try:
            run.context.run(self._execute, run)
        finally:
            with self._lock:
                self._working.remove(run)
            self._start_what_may()
