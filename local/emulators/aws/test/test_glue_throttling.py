"""Calls of StartJobRun beyond the rate that the server was started with."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from emulator_process import REGION, Server
from support import start_aws

SYNC = "arn:aws:states:::glue:startJobRun.sync"
BY_BASE_NAME = [
    {"ErrorEquals": ["Glue.AWSGlueException"], "IntervalSeconds": 5, "MaxAttempts": 30, "BackoffRate": 1}
]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that allows two calls a second."""
    started = start_aws(
        tmp_path_factory.mktemp("throttling"), "--glue-starts-per-second", "2", "--wait-scale", "0.1"
    )
    yield started
    started.stop()


@pytest.fixture(scope="session")
def aws(server: Server) -> Callable[[str], Any]:
    """Clients that do not retry by themselves."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    once = Config(retries={"total_max_attempts": 1})
    return lambda service: session.client(service, endpoint_url=server.endpoint, config=once)


@pytest.fixture(scope="session")
def scripts(aws: Callable[[str], Any]) -> str:
    """Name of a bucket for job scripts."""
    aws("s3").create_bucket(Bucket="scripts")
    return "scripts"


@pytest.fixture
def burst(create_job: Any, start_machine: Any, end_of: Any) -> Callable[[list[Any]], list[Any]]:
    """Starts five executions at once, each of which runs the job; returns them at their end."""

    def run(retry: list[Any]) -> list[Any]:
        job = create_job("pass\n", ExecutionProperty={"MaxConcurrentRuns": 5})
        arguments = {"JobName": job, "JobRunQueuingEnabled": True}
        task = {"Type": "Task", "Resource": SYNC, "Parameters": arguments, "Retry": retry, "End": True}
        return [end_of(arn) for arn in [start_machine({"Clean": task}) for _ in range(5)]]

    return run


def test_call_beyond_the_rate_is_throttled(aws: Any, create_job: Any) -> None:
    job = create_job("pass\n", ExecutionProperty={"MaxConcurrentRuns": 9})
    with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded"):
        for _ in range(5):
            aws("glue").start_job_run(JobName=job, JobRunQueuingEnabled=True)


def test_throttling_reaches_the_execution_under_the_base_name(burst: Any, history_of: Any) -> None:
    executions = burst([])
    assert "FAILED" in {execution["status"] for execution in executions}
    failed = [execution for execution in executions if execution["status"] == "FAILED"]
    assert {execution["error"] for execution in failed} == {"Glue.AWSGlueException"}
    assert all("Rate exceeded" in execution["cause"] for execution in failed)


def test_a_retry_by_the_base_name_outlasts_it(burst: Any) -> None:
    assert {execution["status"] for execution in burst(BY_BASE_NAME)} == {"SUCCEEDED"}
