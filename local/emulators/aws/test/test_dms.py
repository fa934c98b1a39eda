"""Replication tasks of templates: their states, and what the process that runs one is told."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from emulator_process import REGION, Server, eventually
from support import start_aws

NAME = "reviews-capture"
TASK = f"arn:aws:dms:{REGION}:000000000000:task:{NAME}"
# Stands for the local DMS: notes how it is called, and ends with last words when a file says so.
READER = f"""#!{sys.executable}
import json, os, sys, time
state = sys.argv[sys.argv.index("--state") + 1]
with open(state + "/calls", "a") as calls:
    print(json.dumps([sys.argv[1:], os.environ["DMS_PASSWORD"], os.getpid()]), file=calls)
while "--drop" not in sys.argv:
    if os.path.exists(state + "/fail"):
        os.remove(state + "/fail")
        sys.exit("there is no table public.reviews")
    time.sleep(0.02)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, whose tasks are run by the stand-in."""
    folder = tmp_path_factory.mktemp("with-dms")
    reader = folder / "reader"
    reader.write_text(READER)
    reader.chmod(0o755)
    (folder / "state").mkdir()
    started = start_aws(folder / "state", "--dms-python", str(reader))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def aws(server: Server) -> Callable[[str], Any]:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    return lambda service: session.client(service, endpoint_url=server.endpoint)


def endpoint(name: str, kind: str, **properties: Any) -> dict[str, Any]:
    common = {"EndpointIdentifier": f"{name}-{kind}", "EndpointType": kind}
    return {"Type": "AWS::DMS::Endpoint", "Properties": common | properties}


def template(**task: Any) -> str:
    """A replication as lib/change-capture describes it."""
    # Endpoints of its own: a stack that ends takes away those of its name.
    name = task.get("ReplicationTaskIdentifier", NAME)
    at = {"schema-name": "public", "table-name": "product[_]reviews"}
    change = {"rule-type": "transformation", "value": "dms_change", "expression": "$AR_H_CHANGE_SEQ"}
    database = {
        "SecretsManagerSecretId": "shop",
        "HeartbeatEnable": True,
        "HeartbeatFrequency": 5,
        "HeartbeatSchema": "dms",
    }
    files = {
        "BucketName": "raw",
        "BucketFolder": "reviews/shop",
        "DataFormat": "parquet",
        "IncludeOpForFullLoad": True,
        "TimestampColumnName": "dms_committed_at",
        "CdcMaxBatchInterval": 2,
    }
    properties = {
        "ReplicationTaskIdentifier": NAME,
        "ResourceIdentifier": NAME,
        "MigrationType": "full-load-and-cdc",
        "ReplicationInstanceArn": "arn:aws:dms:::rep:capture",
        "SourceEndpointArn": {"Ref": "Source"},
        "TargetEndpointArn": {"Ref": "Target"},
        "TableMappings": json.dumps(
            {"rules": [{"rule-type": "selection", "object-locator": at}, {**change, "object-locator": at}]}
        ),
    }
    resources = {
        "Source": endpoint(
            name,
            "source",
            EngineName="postgres",
            DatabaseName="shop",
            SslMode="verify-full",
            CertificateArn=f"arn:aws:dms:{REGION}:000000000000:cert:shop",
            PostgreSqlSettings=database,
        ),
        "Target": endpoint(name, "target", EngineName="s3", S3Settings=files),
        "Task": {"Type": "AWS::DMS::ReplicationTask", "Properties": properties | task},
    }
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def deploy(aws: Callable[[str], Any], name: str, body: str) -> dict[str, str]:
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=body, OnFailure="DO_NOTHING")
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


def test_endpoint_whose_certificate_was_never_imported_is_not_made(aws: Callable[[str], Any]) -> None:
    with pytest.raises(Exception, match="CREATE_FAILED"):
        deploy(aws, "without-certificate", template())


@pytest.mark.parametrize("name", ["reviews-development-change-capture", "reviews--dev", "reviews-"])
def test_name_that_can_end_no_arn_of_dms_is_refused(aws: Callable[[str], Any], name: str) -> None:
    instance = {"Type": "AWS::DMS::ReplicationInstance", "Properties": {"ResourceIdentifier": name}}
    body = json.dumps({"Resources": {"Instance": instance}, "Outputs": {"Instance": {"Value": "none"}}})
    with pytest.raises(Exception, match="CREATE_FAILED"):
        deploy(aws, f"name-{len(name)}", body)


def test_task_goes_through_the_states_of_dms(aws: Callable[[str], Any], server: Server) -> None:
    dms = aws("dms")
    state = server.state / "dms" / "reviews_capture"

    def status(wanted: str) -> dict[str, Any]:
        chosen = [{"Name": "replication-task-arn", "Values": [TASK]}]

        def found() -> dict[str, Any] | None:
            (task,) = dms.describe_replication_tasks(Filters=chosen, WithoutSettings=True)["ReplicationTasks"]
            return task if task["Status"] == wanted else None

        return eventually(found)

    def start(kind: str) -> Any:
        return dms.start_replication_task(ReplicationTaskArn=TASK, StartReplicationTaskType=kind)

    def calls() -> list[Any]:
        return [json.loads(line) for line in (state / "calls").read_text().splitlines()]

    dms.import_certificate(CertificateIdentifier="shop", CertificatePem="of the tests")
    made = deploy(aws, "capture", template())
    assert made["Task"] == TASK
    status("ready")

    # Nothing is started before both ends have been reached, nor resumed before it was started.
    ends = [
        {"ReplicationInstanceArn": "arn:aws:dms:::rep:capture", "EndpointArn": made[end]}
        for end in ("Source", "Target")
    ]
    assert refused(lambda: start("start-replication")) == "InvalidResourceStateFault"
    assert refused(lambda: dms.test_connection(**ends[0])) == "InvalidResourceStateFault"
    login = {"username": "capture", "password": "of-the-test", "host": "127.0.0.1", "port": 5432}
    aws("secretsmanager").create_secret(Name="shop", SecretString=json.dumps(login))
    aws("s3").create_bucket(Bucket="raw")
    for end in ends:
        dms.test_connection(**end)
    assert refused(lambda: start("resume-processing")) == "InvalidResourceStateFault"

    start("start-replication")
    status("running")
    assert refused(lambda: start("resume-processing")) == "InvalidResourceStateFault"
    ((_, password, pid),) = eventually(lambda: (state / "calls").exists() and calls())
    assert password == login["password"]
    told = json.loads((state / "settings.json").read_text())
    assert told["name"] == "reviews_capture"
    assert told["source"]["connection"] == {
        "host": "127.0.0.1",
        "port": 5432,
        "user": "capture",
        "dbname": "shop",
        "sslmode": "verify-full",
        "sslrootcert": str(state / "authority.pem"),
    }
    assert (told["source"]["table"], told["source"]["heartbeat_schema"]) == ("product_reviews", "dms")
    assert (told["target"]["endpoint"], told["target"]["max_batch_seconds"]) == (server.endpoint, 2)

    # It fails with its last words, and goes on when it is told to.
    (state / "fail").touch()
    assert status("failed")["LastFailureMessage"] == "there is no table public.reviews"
    assert refused(lambda: start("start-replication")) == "InvalidParameterCombinationException"
    start("resume-processing")
    eventually(lambda: len(calls()) == 2)
    dms.stop_replication_task(ReplicationTaskArn=TASK)
    status("stopped")

    start("reload-target")
    # The slot is dropped, and a new one is read.
    eventually(lambda: len(calls()) == 4)
    assert ["--drop" in arguments for arguments, _, _ in calls()] == [False, False, True, False]
    status("running")
    # Its slot goes with it.
    aws("cloudformation").delete_stack(StackName="capture")
    eventually(lambda: "--drop" in calls()[-1][0])
    assert refused(lambda: start("resume-processing")) == "ResourceNotFoundFault"
    assert not Path(f"/proc/{pid}").exists()


def test_what_the_local_dms_does_not_perform_is_refused(aws: Callable[[str], Any]) -> None:
    body = template(ReplicationTaskIdentifier="full", ResourceIdentifier="full", MigrationType="full-load")
    made = deploy(aws, "full", body)
    dms = aws("dms")
    for end in ("Source", "Target"):
        dms.test_connection(ReplicationInstanceArn="arn:aws:dms:::rep:capture", EndpointArn=made[end])
    with pytest.raises(ClientError, match="MigrationType is 'full-load'; 'full-load-and-cdc' is performed"):
        dms.start_replication_task(
            ReplicationTaskArn=made["Task"], StartReplicationTaskType="start-replication"
        )
