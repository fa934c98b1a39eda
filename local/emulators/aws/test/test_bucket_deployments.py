"""Deployments of files into buckets, as the CDK's BucketDeployment asks for them."""

import io
import json
import zipfile
from typing import Any

import pytest

STACK = "deployment"


@pytest.fixture(scope="module")
def sources(aws: Any) -> dict[str, str]:
    """Two source zips, and the bucket they go to."""
    aws("s3").create_bucket(Bucket="assets")
    aws("s3").create_bucket(Bucket="destination")
    _put_zip(aws, "first.zip", {"dag.py": "first", "dbt/model.sql": "select 1"})
    _put_zip(aws, "second.zip", {"dag.py": "second", "startup.sh": "echo <<marker:0>>"})
    return {"assets": "assets", "destination": "destination"}


def _put_zip(aws: Any, key: str, files: dict[str, str]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.mkdir("empty-folder")
        for name, content in files.items():
            file.writestr(name, content)
    aws("s3").put_object(Bucket="assets", Key=key, Body=archive.getvalue())


def _template(*keys: str, **properties: Any) -> str:
    deployment = {
        "ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:never-called",
        "SourceBucketNames": ["assets"] * len(keys),
        "SourceObjectKeys": list(keys),
        "DestinationBucketName": "destination",
        "DestinationBucketArn": "arn:aws:s3:::destination",
        **properties,
    }
    return json.dumps(
        {
            "Resources": {"Files": {"Type": "Custom::CDKBucketDeployment", "Properties": deployment}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Files", "DestinationBucketArn"]}}},
        }
    )


def _deployed(aws: Any, action: str, template: str) -> None:
    cloudformation = aws("cloudformation")
    getattr(cloudformation, f"{action}_stack")(StackName=STACK, TemplateBody=template)
    waiter = cloudformation.get_waiter(f"stack_{action}_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 0.1})


def _content(aws: Any) -> dict[str, str]:
    listed = aws("s3").list_objects_v2(Bucket="destination").get("Contents", [])
    return {
        item["Key"]: aws("s3").get_object(Bucket="destination", Key=item["Key"])["Body"].read().decode()
        for item in listed
    }


def test_files_follow_the_stack(aws: Any, sources: dict[str, str]) -> None:
    aws("s3").put_object(Bucket=sources["destination"], Key="other/kept", Body=b"")
    aws("s3").put_object(Bucket=sources["destination"], Key="dags/stale.py", Body=b"")
    prefix = {"DestinationBucketKeyPrefix": "dags/"}
    markers = {"SourceMarkers": [{}, {"<<marker:0>>": "value"}]}

    _deployed(aws, "create", _template("first.zip", "second.zip", **prefix, **markers))
    assert _content(aws) == {
        "other/kept": "",
        "dags/dag.py": "second",
        "dags/dbt/model.sql": "select 1",
        "dags/startup.sh": "echo value",
    }
    stack = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert stack["Outputs"][0]["OutputValue"] == "arn:aws:s3:::destination"

    _deployed(aws, "update", _template("first.zip", Exclude=["dbt/*"], RetainOnDelete="false", **prefix))
    assert _content(aws) == {"other/kept": "", "dags/dag.py": "first", "dags/dbt/model.sql": "select 1"}

    _deployed(
        aws,
        "update",
        _template("second.zip", Prune="false", RetainOnDelete="false", DestinationBucketKeyPrefix="startup"),
    )
    assert set(_content(aws)) == {"other/kept", "startup/dag.py", "startup/startup.sh"}

    aws("cloudformation").delete_stack(StackName=STACK)
    aws("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 0.1}
    )
    assert set(_content(aws)) == {"other/kept"}


def test_what_is_not_performed_is_refused(aws: Any, sources: dict[str, str]) -> None:
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(
        StackName="refused",
        TemplateBody=_template("first.zip", SystemMetadata={"content-type": "text/x-python"}),
        OnFailure="DO_NOTHING",
    )
    with pytest.raises(Exception, match="CREATE_FAILED"):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="refused", WaiterConfig={"Delay": 0.1}
        )
    events = cloudformation.describe_stack_events(StackName="refused")["StackEvents"]
    assert any("does not perform SystemMetadata" in event.get("ResourceStatusReason", "") for event in events)
