"""Glue job runs are real processes."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from emulator_process import Server, eventually
from support import running

ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"}
FOREVER = "import time\ntime.sleep(600)\n"


@pytest.fixture
def run_of(aws: Callable[[str], Any]) -> Callable[[str, str], dict[str, Any]]:
    """The record of a run."""

    def get(job: str, run_id: str) -> dict[str, Any]:
        run: dict[str, Any] = aws("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return run

    return get


@pytest.fixture
def end_of_run(run_of: Callable[[str, str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Waits for the end of a run and returns its record."""

    def wait(job: str, run_id: str, seconds: float = 15) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            run = run_of(job, run_id)
            return run if run["JobRunState"] in ENDED else None

        return eventually(ended, seconds)

    return wait


@pytest.fixture
def state_of(run_of: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], str]:
    """The state of a run."""
    return lambda job, run_id: str(run_of(job, run_id)["JobRunState"])


def test_script_gets_default_arguments_replaced_by_the_runs(
    aws: Any, create_job: Any, end_of_run: Any, server: Server, scripts: str
) -> None:
    script = """
import json, os, sys, boto3
body = json.dumps({"argv": sys.argv[1:], "name": __name__, "region": os.environ["AWS_REGION"]})
boto3.client("s3").put_object(Bucket="scripts", Key="seen.json", Body=body)
print("done")
"""
    job = create_job(script, DefaultArguments={"--manifest": "default", "--mode": "full", "--flag": ""})
    run_id = aws("glue").start_job_run(JobName=job, Arguments={"--manifest": "given"})["JobRunId"]
    run = end_of_run(job, run_id)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert run["CompletedOn"] >= run["StartedOn"]
    seen = json.loads(aws("s3").get_object(Bucket=scripts, Key="seen.json")["Body"].read())
    named = ["--JOB_NAME", job, "--JOB_RUN_ID", run_id]
    assert seen["argv"] == [*named, "--manifest", "given", "--mode", "full", "--flag"]
    assert (seen["name"], seen["region"]) == ("__main__", "us-east-1")
    assert "done" in (server.state / "glue" / f"{run_id}.log").read_text()


def test_failed_script_leaves_its_error_as_message_and_in_cloudwatch(
    aws: Any, create_job: Any, end_of_run: Any
) -> None:
    job = create_job("print('reading')\nraise ValueError('file a: 3 records read, 2 accounted for')\n")
    run = end_of_run(job, run_id := aws("glue").start_job_run(JobName=job)["JobRunId"])
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "ValueError: file a: 3 records read, 2 accounted for"
    lines = aws("logs").get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=run_id)["events"]
    assert lines[0]["message"] == "reading"


def test_exit_status_counts(aws: Any, create_job: Any, end_of_run: Any) -> None:
    job = create_job("import sys\nsys.exit('no such manifest')\n")
    run = end_of_run(job, aws("glue").start_job_run(JobName=job)["JobRunId"])
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "SystemExit: no such manifest")


def test_what_a_script_prints_before_it_exits_is_not_its_error(
    aws: Any, create_job: Any, end_of_run: Any
) -> None:
    job = create_job("import sys\nprint('file a is lost', file=sys.stderr)\nsys.exit(1)\n")
    run = end_of_run(job, aws("glue").start_job_run(JobName=job)["JobRunId"])
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "SystemExit: 1")


def test_missing_script_fails_the_run(aws: Any, create_job: Any, end_of_run: Any, scripts: str) -> None:
    job = create_job("")
    aws("s3").delete_object(Bucket=scripts, Key=f"{job}.py")
    run = end_of_run(job, aws("glue").start_job_run(JobName=job)["JobRunId"])
    assert run["JobRunState"] == "FAILED"
    assert f"s3://{scripts}/{job}.py cannot be read" in run["ErrorMessage"]


def test_stopping_a_run_kills_its_process(
    aws: Any, create_job: Any, end_of_run: Any, state_of: Any, server: Server
) -> None:
    job = create_job(FOREVER)
    run_id = aws("glue").start_job_run(JobName=job)["JobRunId"]
    pid_file = server.state / "glue" / f"{run_id}.pid"
    eventually(pid_file.exists)
    pid = int(pid_file.read_text())
    answer = aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_unknown"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": job, "JobRunId": run_id}]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert end_of_run(job, run_id)["JobRunState"] == "STOPPED"
    assert not running({pid})


def test_killed_process_fails_the_run(aws: Any, create_job: Any, end_of_run: Any, server: Server) -> None:
    job = create_job(FOREVER)
    run_id = aws("glue").start_job_run(JobName=job)["JobRunId"]
    pid_file = server.state / "glue" / f"{run_id}.pid"
    eventually(lambda: pid_file.exists() and pid_file.read_text())
    os.kill(int(pid_file.read_text()), signal.SIGKILL)
    run = end_of_run(job, run_id)
    assert (run["JobRunState"], "SIGKILL" in run["ErrorMessage"]) == ("FAILED", True)


def test_run_beyond_its_timeout_ends_as_timeout(aws: Any, create_job: Any, end_of_run: Any) -> None:
    job = create_job(FOREVER, Timeout=1)
    run = end_of_run(job, aws("glue").start_job_run(JobName=job)["JobRunId"])
    assert run["JobRunState"] == "TIMEOUT"
    assert "timeout of 1 minutes" in run["ErrorMessage"]


def test_more_runs_than_the_job_allows_are_refused(aws: Any, create_job: Any, end_of_run: Any) -> None:
    job = create_job(FOREVER, ExecutionProperty={"MaxConcurrentRuns": 1})
    first = aws("glue").start_job_run(JobName=job)["JobRunId"]
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        aws("glue").start_job_run(JobName=job)
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[first])
    end_of_run(job, first)
    second = aws("glue").start_job_run(JobName=job)["JobRunId"]
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[second])


def test_queued_runs_wait_for_their_turn(aws: Any, create_job: Any, end_of_run: Any, state_of: Any) -> None:
    job = create_job(FOREVER)
    first, second = (
        aws("glue").start_job_run(JobName=job, JobRunQueuingEnabled=True)["JobRunId"] for _ in range(2)
    )
    eventually(lambda: state_of(job, first) == "RUNNING")
    assert state_of(job, second) == "WAITING"
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[first])
    eventually(lambda: state_of(job, second) == "RUNNING")
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[second])
    assert end_of_run(job, second)["JobRunState"] == "STOPPED"


def test_queuing_is_a_matter_of_the_run_and_not_of_its_job(
    aws: Any, create_job: Any, end_of_run: Any
) -> None:
    job = create_job(FOREVER, JobRunQueuingEnabled=True)
    first = aws("glue").start_job_run(JobName=job)["JobRunId"]
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        aws("glue").start_job_run(JobName=job)
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[first])
    end_of_run(job, first)


def test_waiting_run_can_be_stopped(aws: Any, create_job: Any, end_of_run: Any) -> None:
    job = create_job(FOREVER)
    first, second = (
        aws("glue").start_job_run(JobName=job, JobRunQueuingEnabled=True)["JobRunId"] for _ in range(2)
    )
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[second])
    assert end_of_run(job, second)["JobRunState"] == "STOPPED"
    aws("glue").batch_stop_job_run(JobName=job, JobRunIds=[first])
    end_of_run(job, first)


def test_runs_come_newest_first_and_in_pages(aws: Any, create_job: Any) -> None:
    job = create_job("pass\n", ExecutionProperty={"MaxConcurrentRuns": 3})
    started = [aws("glue").start_job_run(JobName=job)["JobRunId"] for _ in range(3)]
    first = aws("glue").get_job_runs(JobName=job, MaxResults=2)
    second = aws("glue").get_job_runs(JobName=job, MaxResults=2, NextToken=first["NextToken"])
    assert [run["Id"] for run in first["JobRuns"] + second["JobRuns"]] == started[::-1]
    assert "NextToken" not in second


def test_page_of_more_than_200_runs_is_refused(aws: Any, create_job: Any) -> None:
    with pytest.raises(ClientError, match="InvalidInputException"):
        aws("glue").get_job_runs(JobName=create_job("pass\n"), MaxResults=201)


def test_unknown_job_is_an_error(aws: Any) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        aws("glue").start_job_run(JobName="nobody")
