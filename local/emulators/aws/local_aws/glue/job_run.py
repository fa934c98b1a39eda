"""One run of a Glue job, and its record as GetJobRun shows it."""

import contextvars
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from local_aws.glue import arguments
from local_aws.glue.job_process import JobProcess

ENDED_STATES = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"})


@dataclass
class JobRun:
    """A run that was accepted: its record in MiniStack's store, and what ends it."""

    job: dict[str, Any]
    record: dict[str, Any]
    context: contextvars.Context
    ended: threading.Event = field(default_factory=threading.Event)
    stop_requested: threading.Event = field(default_factory=threading.Event)
    process: JobProcess | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        """Id of the run."""
        return str(self.record["Id"])

    @property
    def max_concurrent_runs(self) -> int:
        """How many runs of the job may be at work; Glue's default is 1."""
        return int((self.job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)

    @property
    def is_streaming(self) -> bool:
        """Whether it goes on until it is stopped."""
        return bool(self.job["Command"].get("Name") == "gluestreaming")

    def enter(self, state: str, error: str = "") -> None:
        """Move the record to a state, with the times that Glue fills in; an ended run stays as it is."""
        with self._lock:
            if self.ended.is_set():
                return
            now = time.time()
            if state == "RUNNING":
                self.record["StartedOn"] = now
            self.record |= {"JobRunState": state, "LastModifiedOn": now}
            if error:
                self.record["ErrorMessage"] = error
            if state in ENDED_STATES:
                self.record["CompletedOn"] = now
                self.record["ExecutionTime"] = max(0, round(now - self.record["StartedOn"]))
                self.ended.set()


def new_record(job: dict[str, Any], request: dict[str, Any], state: str) -> dict[str, Any]:
    """The record of a new run, in the form of the Glue API's JobRun."""
    now = time.time()
    run_id = f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}"
    capacity = request.get("MaxCapacity") or job.get("MaxCapacity")
    record = {
        "Id": run_id,
        "JobName": job["Name"],
        "Attempt": 0,
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": state,
        "Arguments": arguments.merged(job, request.get("Arguments") or {}),
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": request.get("Timeout") or job.get("Timeout") or 2880,
        "WorkerType": request.get("WorkerType") or job.get("WorkerType"),
        "NumberOfWorkers": request.get("NumberOfWorkers") or job.get("NumberOfWorkers"),
        "MaxCapacity": capacity,
        "GlueVersion": job.get("GlueVersion"),
        "LogGroupName": "/aws-glue/jobs",
        # The run's own value counts, and a run without one is not queued, whatever its job says.
        # "StartJobRun", AWS Glue Web API Reference.
        "JobRunQueuingEnabled": bool(request.get("JobRunQueuingEnabled")),
    }
    return {name: value for name, value in record.items() if value is not None}
