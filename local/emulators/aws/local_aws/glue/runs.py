"""Glue's job-run API on real processes (extension "glue-runs")."""

import contextvars
from typing import Any

from local_aws.glue.executor import Executor
from local_aws.glue.job_run import ENDED_STATES, JobRun, new_record
from local_aws.glue.rate_limit import RateLimit
from local_aws.glue.run_queue import RunQueue
from local_aws.options import Options
from local_aws.pinned import private, replace

_EXTENSION = "glue-runs"
_glue = private(
    _EXTENSION,
    "ministack.services.glue",
    "_jobs",
    "_job_runs",
    "_create_job",
    "_update_job",
    "_start_job_run",
    "_get_job_runs",
    "_batch_stop_job_run",
)
_provisioners = private(_EXTENSION, "ministack.services.cloudformation.provisioners", "_GLUE_JOB_DEFAULTS")
_responses = private(_EXTENSION, "ministack.core.responses", "json_response", "error_response_json")

# "GetJobRuns", AWS Glue Web API Reference.
_MAX_PAGE = 200

# How long a run may take to notice that it is to end.
_END_SECONDS = 5

# Attributes of a job that MiniStack drops, with Glue's defaults.
_KEPT_ATTRIBUTES: dict[str, Any] = {
    "ExecutionProperty": {"MaxConcurrentRuns": 1},
    "JobRunQueuingEnabled": False,
    "ExecutionClass": "STANDARD",
}


class GlueRuns:
    """Starts, stops and shows job runs."""

    def __init__(self, options: Options) -> None:
        """Take the machine's limits; MiniStack does not know of this before install."""
        self._queue = RunQueue(options.job_slots, Executor(options).execute)
        self._runs: dict[str, JobRun] = {}
        rate = options.glue_starts_per_second
        self._start_rate = RateLimit(rate) if rate else None

    def install(self) -> None:
        """Replace MiniStack's handlers."""
        _provisioners._GLUE_JOB_DEFAULTS.update(_KEPT_ATTRIBUTES)
        replace(_glue, "_create_job", _keeping_attributes)
        replace(_glue, "_update_job", _keeping_updated_attributes)
        replace(_glue, "_start_job_run", lambda _original: self.start_job_run)
        replace(_glue, "_get_job_runs", lambda _original: _get_job_runs)
        replace(_glue, "_batch_stop_job_run", lambda _original: self.batch_stop_job_run)

    def stop(self) -> None:
        """End every run, and wait until their processes are gone, also one that is just being started."""
        runs = [run for run in self._runs.values() if not run.ended.is_set()]
        working = self._queue.working()
        for run in runs:
            run.stop_requested.set()
            if run.process is not None:
                run.process.kill()
        for run in working:
            run.ended.wait(_END_SECONDS)

    def run(self, run_id: str) -> JobRun:
        """The run with an id. Raises KeyError."""
        return self._runs[run_id]

    def start_job_run(self, request: dict[str, Any]) -> Any:
        """StartJobRun."""
        if self._start_rate and not self._start_rate.allows_call():
            return _error("ThrottlingException", "Rate exceeded")
        name = request.get("JobName")
        job = _glue._jobs.get(name)
        if job is None:
            return _error(
                "EntityNotFoundException", f"Failed to start job run due to missing metadata: job {name}"
            )
        record = new_record(job, request, "STARTING")
        run = JobRun(dict(job), record, contextvars.copy_context())
        if self._queue.active_runs(record["JobName"]) >= run.max_concurrent_runs:
            if not record["JobRunQueuingEnabled"]:
                return _error("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
            run.enter("WAITING")
        self._runs[run.id] = run
        _glue._job_runs.setdefault(name, []).insert(0, record)  # newest first, as GetJobRuns gives them
        self._queue.add(run)
        return _responses.json_response({"JobRunId": run.id})

    def batch_stop_job_run(self, request: dict[str, Any]) -> Any:
        """BatchStopJobRun."""
        name = request.get("JobName")
        stopped, errors = [], []
        for run_id in request.get("JobRunIds", []):
            entry = {"JobName": name, "JobRunId": run_id}
            run = self._runs.get(run_id)
            if run is None or run.record["JobName"] != name:
                detail = {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": f"Job run {run_id} not found",
                }
                errors.append({**entry, "ErrorDetail": detail})
            elif run.record["JobRunState"] in ENDED_STATES:
                text = f"Job run {run_id} is in state {run.record['JobRunState']}, which cannot be stopped"
                errors.append(
                    {**entry, "ErrorDetail": {"ErrorCode": "InvalidInputException", "ErrorMessage": text}}
                )
            else:
                self.stop_run(run)
                stopped.append(entry)
        return _responses.json_response({"SuccessfulSubmissions": stopped, "Errors": errors})

    def stop_run(self, run: JobRun) -> None:
        """Ask a run to stop; returns before it has."""
        run.stop_requested.set()
        if self._queue.withdraw(run):
            run.enter("STOPPED")
        elif not run.ended.is_set():
            run.enter("STOPPING")
            if run.process is not None:
                run.process.kill()


def _get_job_runs(request: dict[str, Any]) -> Any:
    """GetJobRuns, newest first, in pages of at most 200."""
    limit = request.get("MaxResults", _MAX_PAGE)
    if not 1 <= limit <= _MAX_PAGE:
        return _error("InvalidInputException", f"MaxResults is {limit}; allowed: 1 to {_MAX_PAGE}")
    runs = _glue._job_runs.get(request.get("JobName"), [])
    begin = int(request.get("NextToken") or 0)
    page = {"JobRuns": runs[begin : begin + limit]}
    more = begin + limit < len(runs)
    return _responses.json_response({**page, **({"NextToken": str(begin + limit)} if more else {})})


def _keeping_attributes(original: Any) -> Any:
    def create_job(data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] == 200:
            job = _glue._jobs[data["Name"]]
            job.update({name: data.get(name, default) for name, default in _KEPT_ATTRIBUTES.items()})
        return response

    return create_job


def _keeping_updated_attributes(original: Any) -> Any:
    def update_job(data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] == 200:
            update = data.get("JobUpdate", {})
            _glue._jobs[data["JobName"]].update(
                {name: update[name] for name in _KEPT_ATTRIBUTES if name in update}
            )
        return response

    return update_job


def _error(code: str, message: str) -> Any:
    return _responses.error_response_json(code, message, 400)
