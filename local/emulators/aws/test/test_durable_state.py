"""What a local AWS with --durable still knows after it was killed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import REGION, eventually
from support import start_aws

ROLE = "arn:aws:iam::000000000000:role/test"
KEY = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}


class _Restartable:
    """A local AWS that can be killed, and started again on what it has left."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.server = start_aws(state, "--durable")

    def client(self, service: str) -> Any:
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
        return session.client(service, endpoint_url=self.server.endpoint)

    def kill_and_start_again(self) -> None:
        port = self.server.port
        self.server.process.kill()
        self.server.process.wait()
        self.server = start_aws(self._state, "--durable", "--port", str(port))


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[_Restartable]:
    """A local AWS whose state outlives it."""
    started = _Restartable(tmp_path)
    yield started
    started.server.stop()


def _entered(durable: _Restartable, execution: str) -> list[str]:
    history = durable.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return [
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    ]


def test_rows_versions_and_histories_are_there_after_a_kill(
    durable: _Restartable,
) -> None:
    definition = {"StartAt": "First", "States": {"First": {"Type": "Pass", "Next": "Long"}}}
    definition["States"]["Long"] = {"Type": "Wait", "Seconds": 600, "End": True}
    machine = durable.client("stepfunctions").create_state_machine(
        name="long", roleArn=ROLE, definition=json.dumps(definition)
    )["stateMachineArn"]
    s3 = durable.client("s3")
    s3.create_bucket(Bucket="raw")
    s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    durable.client("dynamodb").create_table(
        TableName="ledger", AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST", **KEY
    )
    execution = durable.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    eventually(lambda: "Long" in _entered(durable, execution))
    for content in (b"old", b"new"):
        s3.put_object(Bucket="raw", Key="file", Body=content)
    durable.client("dynamodb").put_item(TableName="ledger", Item={"id": {"S": "after the last step"}})

    durable.kill_and_start_again()

    rows = durable.client("dynamodb").scan(TableName="ledger")["Items"]
    assert rows == [{"id": {"S": "after the last step"}}]
    s3 = durable.client("s3")
    versions = s3.list_object_versions(Bucket="raw")["Versions"]
    contents = [
        s3.get_object(Bucket="raw", Key="file", VersionId=version["VersionId"])["Body"].read()
        for version in versions
    ]
    assert sorted(contents) == [b"new", b"old"]
    assert _entered(durable, execution) == ["First", "Long"]
    described = durable.client("stepfunctions").describe_execution(executionArn=execution)
    assert described["status"] == "FAILED"


def test_a_job_run_ends_with_the_server(durable: _Restartable) -> None:
    durable.client("s3").create_bucket(Bucket="scripts")
    durable.client("s3").put_object(Bucket="scripts", Key="busy.py", Body=b"import time; time.sleep(600)")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/busy.py"}
    durable.client("glue").create_job(Name="busy", Role=ROLE, Command=command)
    arguments = {"JobName": "busy"}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": arguments,
        "End": True,
    }
    machine = durable.client("stepfunctions").create_state_machine(
        name="starts", roleArn=ROLE, definition=json.dumps({"StartAt": "Start", "States": {"Start": task}})
    )["stateMachineArn"]
    durable.client("stepfunctions").start_execution(stateMachineArn=machine)

    def runs() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = durable.client("glue").get_job_runs(JobName="busy")["JobRuns"]
        return found

    eventually(lambda: [run for run in runs() if run["JobRunState"] == "RUNNING"])
    executions = durable.client("stepfunctions")
    eventually(
        lambda: executions.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
    )

    durable.kill_and_start_again()

    (run,) = runs()
    assert run["JobRunState"] == "FAILED"
    assert "ended while the job ran" in run["ErrorMessage"]
