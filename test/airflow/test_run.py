"""One run of the whole DAG by Airflow's own command line, on the local AWS, with a program in dbt's place.

The end-to-end tests run the real dbt. Here Airflow logs what it can, and the key must not be there.
"""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import ROOT, Server

BUCKET = "reviews-airflow"
KEY_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"]
FAILED = "test.reviews.core_holds_every_review_of_raw"

# An Airflow's database before its first run; the set-up has made one, because it takes a while.
_MADE = ROOT / ".local" / "airflow" / "airflow.db"

_AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

_PROGRAM = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
target = Path(sys.argv[sys.argv.index("--target-path") + 1])
target.mkdir(exist_ok=True)
print(os.environ["SNOWFLAKE_PRIVATE_KEY"])
def leave(name, *nodes):
    results = [{{"unique_id": node, "status": status, "message": "Got 1 result"}} for node, status in nodes]
    (target / name).write_text(json.dumps({{"results": results}}))
match sys.argv[1]:
    case "source":
        leave("sources.json", ("source.reviews.raw.reviews", "error"))
        sys.exit(1)
    case "build":
        leave("run_results.json", ("model.reviews.fct_reviews", "success"), ("{FAILED}", "fail"))
        sys.exit(1)
    case "docs":
        leave("catalog.json")
"""


@dataclass(frozen=True)
class Run:
    """A finished run. written: all that is in Airflow's home, its database first of all."""

    run_id: str
    output: str
    succeeded: bool
    written: str
    artifacts: set[str]
    alerts: list[dict[str, str]]


def client(service: str, aws: Server) -> Any:
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (the local AWS takes any)
        region_name="us-east-1",
    )
    return session.client(service, endpoint_url=aws.endpoint)


@pytest.fixture(scope="module")
def run(aws: Server, tmp_path_factory: pytest.TempPathFactory) -> Run:
    s3, sns, sqs = (client(service, aws) for service in ("s3", "sns", "sqs"))
    s3.create_bucket(Bucket=BUCKET)
    pem = "\n".join(["-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----"])
    login = {"account": "LOCAL", "user": "DBT", "privateKey": pem}
    client("secretsmanager", aws).create_secret(Name="reviews/dbt", SecretString=json.dumps(login))
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])

    home = tmp_path_factory.mktemp("airflow-home")
    dbt = tmp_path_factory.mktemp("programs") / "dbt"
    dbt.write_text(_PROGRAM)
    dbt.chmod(0o755)
    environment = {
        **os.environ,
        **_AWS,
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
        "AIRFLOW__REVIEWS__ALERT_TOPIC_ARN": topic,
        "DBT_BIN": str(dbt),
        # Airflow's processes look there for modules beside a DAG; its command line does not.
        "PYTHONPATH": os.environ["AIRFLOW__CORE__DAGS_FOLDER"],
    }

    def airflow(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
        )

    if _MADE.is_file():
        shutil.copy(_MADE, home / "airflow.db")
    else:
        airflow("db", "migrate").check_returncode()
    airflow("dags", "reserialize").check_returncode()
    tested = airflow("dags", "test", "reviews_dbt")

    output = tested.stdout + tested.stderr
    run_id = re.search(r"manual__[0-9T:.+-]+", output)
    assert run_id, output
    prefix = f"artifacts/dbt/{run_id[0]}/"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)
    files = [path.read_bytes().decode(errors="replace") for path in home.rglob("*") if path.is_file()]
    return Run(
        run_id[0],
        output,
        tested.returncode == 0,
        "\n".join(files),
        {item["Key"].removeprefix(prefix) for item in listed},
        [json.loads(message["Body"]) for message in received.get("Messages", [])],
    )


def test_a_failed_test_of_dbt_fails_the_run_in_its_first_try(run: Run) -> None:
    assert not run.succeeded
    assert run.output.count(" build --exclude-resource-type ") == 1


def test_the_sources_being_stale_did_not_stop_it(run: Run) -> None:
    assert "Stale sources: raw.reviews. The build goes on." in run.output


def test_artifacts_are_in_s3_docs_after_the_failure_included(run: Run) -> None:
    assert run.artifacts == {"sources.json", "run_results.json", "catalog.json"}


def test_one_alert_arrives_and_names_the_test(run: Run) -> None:
    (alert,) = run.alerts
    assert alert["Subject"] == "Reviews: dbt_build failed: core_holds_every_review_of_raw"
    assert f"{FAILED} (fail) Got 1 result" in alert["Message"]
    assert "https://airflow.example/dags/reviews_dbt/runs/manual__" in alert["Message"]
    assert f"s3://{BUCKET}/artifacts/dbt/{run.run_id}/" in alert["Message"]


def test_the_key_is_nowhere(run: Run) -> None:
    """Not in what Airflow logs on level DEBUG, nor in its database, which has rendered fields and XCom."""
    assert "reviews_dbt" in run.written
    for line in KEY_LINES:
        assert line not in run.output
        assert line not in run.written
