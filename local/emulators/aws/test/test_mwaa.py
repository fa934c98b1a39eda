"""An MWAA environment of a template, and calls of its Airflow's REST API."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from emulator_process import REGION, free_port
from support import start_aws

PASSWORD = "of-this-run-only"  # noqa: S105 (opens nothing)


class Airflow(BaseHTTPRequestHandler):
    """Stands in for Airflow's REST API: a login, and an answer that repeats the request."""

    token = ""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/auth/token":
            right = body == {"username": "admin", "password": PASSWORD}
            self._send(201 if right else 401, {"access_token": self.token} if right else {})
        else:
            self._answer(body)

    def _answer(self, body: Any) -> None:
        if "Authorization" not in self.headers:
            self._send(401, {"detail": "Not authenticated"})
        elif self.headers["Authorization"] != f"Bearer {self.token}":
            self._send(403, {"detail": "Invalid JWT token"})
        elif self.path.endswith("/missing"):
            self._send(404, {"detail": "Not found"})
        elif self.path.endswith("/broken"):
            self._send(500, "Internal Server Error")
        else:
            self._send(200, {"path": self.path, "body": body})

    def _send(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> int:
    """Port of the Airflow, chosen before anything is started."""
    return free_port()


@pytest.fixture(scope="module")
def airflow_aware(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Callable[[str], Any]]:
    """Clients of a server that knows where Airflow will be."""
    state = tmp_path_factory.mktemp("airflow-aware")
    passwords = state / "passwords.json"
    passwords.write_text(json.dumps({"admin": PASSWORD}))
    endpoint = f"http://127.0.0.1:{port}"
    server = start_aws(state, "--airflow-endpoint", endpoint, "--airflow-passwords", str(passwords))
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    config = boto3.session.Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
    yield lambda service: session.client(service, endpoint_url=server.endpoint, config=config)
    server.stop()


@pytest.fixture
def airflow(port: int) -> Iterator[None]:
    """The Airflow, up for one test; every start of it has tokens of its own."""
    Airflow.token = f"token-{time.monotonic_ns()}"
    server = ThreadingHTTPServer(("127.0.0.1", port), Airflow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def _template(bucket: str, **properties: Any) -> str:
    environment = {
        "Name": "reviews-airflow",
        "SourceBucketArn": f"arn:aws:s3:::{bucket}",
        "DagS3Path": "dags",
        "StartupScriptS3Path": "startup/1.sh",
        "AirflowConfigurationOptions": {"reviews.dbt_schedule": "17 5 * * *"},
        **properties,
    }
    outputs = {
        "Ref": {"Ref": "Airflow"},
        "Arn": {"Fn::GetAtt": ["Airflow", "Arn"]},
        "Url": {"Fn::GetAtt": ["Airflow", "WebserverUrl"]},
    }
    return json.dumps(
        {
            "Resources": {"Airflow": {"Type": "AWS::MWAA::Environment", "Properties": environment}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
    )


@pytest.fixture(scope="module")
def environment(airflow_aware: Callable[[str], Any]) -> str:
    """Name of an environment that a stack made."""
    s3, cloudformation = airflow_aware("s3"), airflow_aware("cloudformation")
    s3.create_bucket(Bucket="airflow")
    s3.put_bucket_versioning(Bucket="airflow", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="airflow", Key="startup/1.sh", Body=b"true")
    cloudformation.create_stack(StackName="airflow", TemplateBody=_template("airflow"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="airflow", WaiterConfig={"Delay": 0.1})
    return "reviews-airflow"


def _invoke(aws: Callable[[str], Any], environment: str, **request: Any) -> Any:
    return aws("mwaa").invoke_rest_api(Name=environment, **request)


def test_environment_is_what_the_template_says(
    airflow_aware: Callable[[str], Any], environment: str, port: int
) -> None:
    found = airflow_aware("mwaa").get_environment(Name=environment)["Environment"]
    assert found["Status"] == "AVAILABLE"
    assert found["AirflowConfigurationOptions"] == {"reviews.dbt_schedule": "17 5 * * *"}
    stack = airflow_aware("cloudformation").describe_stacks(StackName="airflow")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert outputs == {"Ref": environment, "Arn": found["Arn"], "Url": f"127.0.0.1:{port}"}


def test_environment_is_updated_in_place_and_deleted(
    airflow_aware: Callable[[str], Any], environment: str
) -> None:
    cloudformation, mwaa = airflow_aware("cloudformation"), airflow_aware("mwaa")
    cloudformation.create_stack(StackName="changing", TemplateBody=_template("airflow", Name="changing"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="changing", WaiterConfig={"Delay": 0.1})
    created = mwaa.get_environment(Name="changing")["Environment"]["CreatedAt"]
    changed = _template("airflow", Name="changing", MaxWorkers=3)
    cloudformation.update_stack(StackName="changing", TemplateBody=changed)
    cloudformation.get_waiter("stack_update_complete").wait(StackName="changing", WaiterConfig={"Delay": 0.1})
    found = mwaa.get_environment(Name="changing")["Environment"]
    assert (found["MaxWorkers"], found["CreatedAt"]) == (3, created)
    cloudformation.delete_stack(StackName="changing")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="changing", WaiterConfig={"Delay": 0.1})
    assert mwaa.list_environments()["Environments"] == [environment]


@pytest.mark.parametrize(
    ("bucket", "says"),
    [("airflow", "does not have all of startup/other.sh"), ("unversioned", "is not versioned")],
)
def test_environment_without_its_files_fails(
    airflow_aware: Callable[[str], Any], environment: str, bucket: str, says: str
) -> None:
    airflow_aware("s3").create_bucket(Bucket="unversioned")
    cloudformation, name = airflow_aware("cloudformation"), f"without-{bucket}"
    template = _template(bucket, Name=name, StartupScriptS3Path="startup/other.sh")
    cloudformation.create_stack(StackName=name, TemplateBody=template, OnFailure="DO_NOTHING")
    with pytest.raises(Exception, match="CREATE_FAILED"):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert any(says in event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.usefixtures("airflow")
def test_calls_reach_airflow_with_a_login(airflow_aware: Callable[[str], Any], environment: str) -> None:
    asked = _invoke(
        airflow_aware, environment, Method="GET", Path="/assets", QueryParameters={"name_pattern": "a b"}
    )
    assert asked["RestApiStatusCode"] == 200
    assert asked["RestApiResponse"] == {"path": "/api/v2/assets?name_pattern=a+b", "body": None}
    posted = _invoke(
        airflow_aware, environment, Method="POST", Path="/assets/events", Body={"asset_id": 1, "extra": {}}
    )
    assert posted["RestApiResponse"] == {
        "path": "/api/v2/assets/events",
        "body": {"asset_id": 1, "extra": {}},
    }


@pytest.mark.usefixtures("airflow")
@pytest.mark.parametrize(
    ("path", "name", "status", "content"),
    [
        ("/missing", "RestApiClientException", 404, {"detail": "Not found"}),
        ("/broken", "RestApiServerException", 500, "Internal Server Error"),
    ],
)
def test_errors_of_airflow_have_aws_names(
    airflow_aware: Callable[[str], Any], environment: str, path: str, name: str, status: int, content: Any
) -> None:
    with pytest.raises(ClientError) as refused:
        _invoke(airflow_aware, environment, Method="GET", Path=path)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["RestApiStatusCode"], answer["RestApiResponse"]) == (
        name,
        status,
        content,
    )


@pytest.mark.parametrize(
    ("name", "method", "path", "error"),
    [
        pytest.param("another", "GET", "/assets", "ResourceNotFoundException", id="no such environment"),
        pytest.param("reviews-airflow", "HEAD", "/assets", "ValidationException", id="method"),
        pytest.param("reviews-airflow", "GET", "assets", "ValidationException", id="path"),
        pytest.param("reviews-airflow", "GET", "/" + "x" * 64, "ValidationException", id="long path"),
        pytest.param("reviews-airflow", "GET", "/assets", "InternalServerException", id="Airflow is down"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_calls_that_cannot_succeed_are_refused_as_in_aws(
    airflow_aware: Callable[[str], Any], name: str, method: str, path: str, error: str
) -> None:
    with pytest.raises(ClientError) as refused:
        _invoke(airflow_aware, name, Method=method, Path=path)
    assert refused.value.response["Error"]["Code"] == error
