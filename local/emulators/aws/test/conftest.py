"""One local AWS for the whole test session, and clients for it."""

import io
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import REGION, Server, eventually
from support import start_aws

ROLE = "arn:aws:iam::000000000000:role/test"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with short minutes and short waits."""
    state = tmp_path_factory.mktemp("local-aws")
    started = start_aws(state, "--glue-minute-seconds", "2", "--wait-scale", "0.1")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def aws(server: Server) -> Callable[[str], Any]:
    """Clients by the name of their service."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = session.client(service, endpoint_url=server.endpoint)
        return clients[service]

    return client


@pytest.fixture(scope="session")
def unique() -> Callable[[str], str]:
    """Names that no other test uses."""
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}-{next(numbers)}"


@pytest.fixture(scope="session")
def scripts(aws: Callable[[str], Any]) -> str:
    """Name of a bucket for job scripts."""
    aws("s3").create_bucket(Bucket="scripts")
    return "scripts"


@pytest.fixture
def create_job(aws: Callable[[str], Any], unique: Callable[[str], str], scripts: str) -> Callable[..., str]:
    """Creates a Glue job from its script's text: a plain Python job unless the command says otherwise."""

    def create(script: str, command: str = "pythonshell", **settings: Any) -> str:
        name = unique("job")
        aws("s3").put_object(Bucket=scripts, Key=f"{name}.py", Body=script.encode())
        location = {"Name": command, "ScriptLocation": f"s3://{scripts}/{name}.py", "PythonVersion": "3"}
        aws("glue").create_job(Name=name, Role=ROLE, Command=location, **settings)
        return name

    return create


@pytest.fixture
def start_machine(aws: Callable[[str], Any], unique: Callable[[str], str]) -> Callable[..., str]:
    """Creates a state machine from its states and starts it; returns the execution's ARN."""

    def start(states: dict[str, Any], *, execution_input: Any = None, **top_level: Any) -> str:
        definition = {"StartAt": next(iter(states)), "States": states, **top_level}
        arn = aws("stepfunctions").create_state_machine(
            name=unique("machine"), roleArn=ROLE, definition=json.dumps(definition)
        )["stateMachineArn"]
        answer = aws("stepfunctions").start_execution(
            stateMachineArn=arn, input=json.dumps(execution_input or {})
        )
        return str(answer["executionArn"])

    return start


@pytest.fixture
def end_of(aws: Callable[[str], Any]) -> Callable[..., dict[str, Any]]:
    """Waits for the end of an execution and returns its description."""

    def wait(arn: str, seconds: float = 20) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = aws("stepfunctions").describe_execution(executionArn=arn)
            return None if found["status"] == "RUNNING" else found

        return eventually(ended, seconds)

    return wait


@pytest.fixture
def history_of(aws: Callable[[str], Any]) -> Callable[[str], list[dict[str, Any]]]:
    """Events of an execution."""

    def history(arn: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = aws("stepfunctions").get_execution_history(executionArn=arn)["events"]
        return events

    return history


@pytest.fixture
def create_function(aws: Callable[[str], Any], unique: Callable[[str], str]) -> Callable[..., str]:
    """Creates a Node Lambda from the text of its index.js; returns its ARN."""

    def create(code: str, timeout: int = 10) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.js", code)
        answer = aws("lambda").create_function(
            FunctionName=unique("function"),
            Runtime="nodejs24.x",
            Handler="index.handler",
            Role=ROLE,
            Timeout=timeout,
            Code={"ZipFile": archive.getvalue()},
        )
        return str(answer["FunctionArn"])

    return create


@pytest.fixture
def create_queue(aws: Callable[[str], Any], unique: Callable[[str], str]) -> Callable[..., tuple[str, str]]:
    """Creates a queue; returns its URL and its ARN."""

    def create(**attributes: str) -> tuple[str, str]:
        url = aws("sqs").create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]
        answer = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    return create


@pytest.fixture
def receive(aws: Callable[[str], Any]) -> Callable[..., list[dict[str, Any]]]:
    """Receives messages until there are as many as asked for."""

    def collect(url: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            answer = aws("sqs").receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=0
            )
            found.extend(answer.get("Messages", []))
            return len(found) >= count

        eventually(enough, seconds)
        return found

    return collect
