"""Step Functions' service integration with Glue."""

import json
from typing import Any

import pytest
from emulator_process import eventually

SYNC = "arn:aws:states:::glue:startJobRun.sync"
FOREVER = "import time\ntime.sleep(600)\n"


def _task(job: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": SYNC, "Parameters": {"JobName": job}, "End": True, **more}


@pytest.fixture
def run_state(aws: Any) -> Any:
    """State of a job's newest run, if it has one."""

    def get(job: str) -> str | None:
        runs = aws("glue").get_job_runs(JobName=job)["JobRuns"]
        return runs[0]["JobRunState"] if runs else None

    return get


def test_sync_task_waits_for_the_run_and_returns_it(create_job: Any, start_machine: Any, end_of: Any) -> None:
    job = create_job("print('hello')\n")
    execution = end_of(start_machine({"Clean": _task(job)}))
    assert execution["status"] == "SUCCEEDED"
    output = json.loads(execution["output"])
    assert (output["JobName"], output["JobRunState"]) == (job, "SUCCEEDED")


def test_jsonata_arguments_reach_the_run(aws: Any, create_job: Any, start_machine: Any, end_of: Any) -> None:
    job = create_job("pass\n")
    task = {
        "Type": "Task",
        "Resource": SYNC,
        "Arguments": {"JobName": job, "Arguments": {"--manifest": "{% $states.input.batch.manifest %}"}},
        "End": True,
    }
    arn = start_machine(
        {"Clean": task}, execution_input={"batch": {"manifest": "s3://b/m"}}, QueryLanguage="JSONata"
    )
    assert end_of(arn)["status"] == "SUCCEEDED"
    assert aws("glue").get_job_runs(JobName=job)["JobRuns"][0]["Arguments"] == {"--manifest": "s3://b/m"}


def test_task_without_sync_returns_at_once(
    create_job: Any, start_machine: Any, end_of: Any, run_state: Any
) -> None:
    job = create_job("import time\ntime.sleep(2)\n")
    execution = end_of(start_machine({"Clean": _task(job, Resource=SYNC.removesuffix(".sync"))}))
    assert list(json.loads(execution["output"])) == ["JobRunId"]
    assert run_state(job) in {"STARTING", "RUNNING"}


def test_failed_run_fails_the_task_with_the_run_as_cause(
    create_job: Any, start_machine: Any, end_of: Any
) -> None:
    job = create_job("raise RuntimeError('no')\n")
    execution = end_of(start_machine({"Clean": _task(job)}))
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(execution["cause"])
    assert (cause["JobRunState"], cause["ErrorMessage"]) == ("FAILED", "RuntimeError: no")


def test_concurrency_limit_is_retried_by_name(
    create_job: Any, start_machine: Any, end_of: Any, history_of: Any
) -> None:
    job = create_job("import time\ntime.sleep(0.6)\n", ExecutionProperty={"MaxConcurrentRuns": 1})
    retry = [
        {"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "IntervalSeconds": 5, "MaxAttempts": 5}
    ]
    executions = [start_machine({"Clean": _task(job, Retry=retry)}) for _ in range(2)]
    assert [end_of(arn)["status"] for arn in executions] == ["SUCCEEDED", "SUCCEEDED"]
    failures = [
        event["taskFailedEventDetails"]["error"]
        for arn in executions
        for event in history_of(arn)
        if event["type"] == "TaskFailed"
    ]
    assert set(failures) == {"Glue.ConcurrentRunsExceededException"}


def test_task_timeout_stops_the_run_and_is_caught_by_name(
    create_job: Any, start_machine: Any, end_of: Any, history_of: Any, run_state: Any
) -> None:
    job = create_job(FOREVER)
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Noted"}]
    states = {"Clean": _task(job, TimeoutSeconds=1, Catch=catch), "Noted": {"Type": "Pass", "End": True}}
    arn = start_machine(states)
    assert end_of(arn)["status"] == "SUCCEEDED"
    assert "TaskTimedOut" in [event["type"] for event in history_of(arn)]
    eventually(lambda: run_state(job) == "STOPPED")


def test_stopping_the_execution_stops_the_run(
    aws: Any, create_job: Any, start_machine: Any, end_of: Any, history_of: Any, run_state: Any
) -> None:
    job = create_job(FOREVER)
    arn = start_machine({"Clean": _task(job)})
    eventually(lambda: run_state(job) == "RUNNING")
    aws("stepfunctions").stop_execution(executionArn=arn, error="Operator", cause="wrong file")
    assert end_of(arn)["status"] == "ABORTED"
    eventually(lambda: run_state(job) == "STOPPED")
    assert history_of(arn)[-1]["type"] == "ExecutionAborted"
