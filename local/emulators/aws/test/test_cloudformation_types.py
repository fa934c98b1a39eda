"""Stacks with types that MiniStack does not know."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

METRIC = {
    "Metric": {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed"},
    "Period": 60,
    "Stat": "Sum",
}
RESOURCES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "Trail": ("AWS::CloudTrail::Trail", {"TrailName": "trail"}, ["Arn"]),
    "Composite": ("AWS::CloudWatch::CompositeAlarm", {"AlarmName": "both", "AlarmRule": "TRUE"}, ["Arn"]),
    "Address": ("AWS::EC2::EIP", {}, ["AllocationId", "PublicIp"]),
    "Flow": ("AWS::EC2::FlowLog", {}, ["Id"]),
    "Nat": (
        "AWS::EC2::NatGateway",
        {"AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]}},
        ["NatGatewayId"],
    ),
    "Out": ("AWS::EC2::SecurityGroupEgress", {}, ["Id"]),
    "In": ("AWS::EC2::SecurityGroupIngress", {}, ["Id"]),
    "Budget": ("AWS::Budgets::Budget", {}, []),
    "Query": ("AWS::Logs::QueryDefinition", {"Name": "one file"}, ["QueryDefinitionId"]),
    "Archive": ("AWS::Events::Archive", {}, ["Arn"]),
    "Policy": ("AWS::SecretsManager::ResourcePolicy", {"SecretId": "secret"}, []),
    "Rotation": ("AWS::SecretsManager::RotationSchedule", {"SecretId": "secret"}, []),
    "Database": ("AWS::DMS::Endpoint", {"EndpointIdentifier": "shop", "EndpointType": "source"}, []),
    "Instance": ("AWS::DMS::ReplicationInstance", {"ResourceIdentifier": "capture"}, []),
    "Subnets": (
        "AWS::DMS::ReplicationSubnetGroup",
        {"ReplicationSubnetGroupIdentifier": "capture", "SubnetIds": []},
        [],
    ),
    "Task": (
        "AWS::DMS::ReplicationTask",
        {"ResourceIdentifier": "capture", "ReplicationInstanceArn": {"Ref": "Instance"}},
        [],
    ),
    "Encryption": (
        "AWS::Glue::SecurityConfiguration",
        {"Name": "sealed", "EncryptionConfiguration": {"S3Encryptions": [{"S3EncryptionMode": "SSE-KMS"}]}},
        [],
    ),
    "Alarm": (
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "mathematics",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "Metrics": [
                {"Id": "sum", "Expression": "a+a"},
                {"Id": "a", "MetricStat": METRIC, "ReturnData": False},
            ],
        },
        ["Arn"],
    ),
}


def _template(**changed: Any) -> str:
    resources: dict[str, Any] = {
        name: {"Type": kind, "Properties": {**properties, **changed.get(name, {})}}
        for name, (kind, properties, _) in RESOURCES.items()
    }
    outputs: dict[str, Any] = {f"{name}Ref": {"Value": {"Ref": name}} for name in RESOURCES}
    for name, (_, _, attributes) in RESOURCES.items():
        outputs |= {f"{name}{item}": {"Value": {"Fn::GetAtt": [name, item]}} for item in attributes}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def _outputs(aws: Any) -> dict[str, str]:
    stack = aws("cloudformation").describe_stacks(StackName="types")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_stack_is_created_updated_and_deleted(aws: Any) -> None:
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName="types", TemplateBody=_template())
    cloudformation.get_waiter("stack_create_complete").wait(StackName="types", WaiterConfig={"Delay": 0.1})
    outputs = _outputs(aws)
    assert (outputs["CompositeRef"], outputs["AlarmRef"]) == ("both", "mathematics")
    assert outputs["AddressRef"] == outputs["AddressPublicIp"]
    assert outputs["DatabaseRef"].endswith(":endpoint:shop")
    assert (outputs["InstanceRef"].split(":")[-2:], outputs["SubnetsRef"]) == (["rep", "capture"], "capture")
    assert outputs["TaskRef"] == outputs["InstanceRef"].replace(":rep:", ":task:")
    assert outputs["AddressAllocationId"].startswith("eipalloc-")
    sealed = aws("glue").get_security_configuration(Name=outputs["EncryptionRef"])["SecurityConfiguration"]
    assert sealed["EncryptionConfiguration"]["S3Encryption"] == [{"S3EncryptionMode": "SSE-KMS"}]

    changed = _template(
        Address={"Domain": "vpc"}, Nat={"MaxDrainDurationSeconds": 350}, Alarm={"Threshold": 5}
    )
    cloudformation.update_stack(StackName="types", TemplateBody=changed)
    cloudformation.get_waiter("stack_update_complete").wait(StackName="types", WaiterConfig={"Delay": 0.1})
    assert _outputs(aws) == outputs

    cloudformation.delete_stack(StackName="types")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="types", WaiterConfig={"Delay": 0.1})
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        aws("glue").get_security_configuration(Name="sealed")
