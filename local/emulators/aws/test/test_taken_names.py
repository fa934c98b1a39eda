"""Stacks whose resources have names that are taken."""

import json
from typing import Any

import pytest

ROLE = "arn:aws:iam::000000000000:role/test"
RESOURCES = {
    "AWS::Glue::SecurityConfiguration": {"Name": "{name}", "EncryptionConfiguration": {}},
    "AWS::Logs::LogGroup": {"LogGroupName": "{name}"},
    "AWS::SNS::Topic": {"TopicName": "{name}"},
    "AWS::SQS::Queue": {"QueueName": "{name}"},
    "AWS::KMS::Alias": {"AliasName": "alias/{name}", "TargetKeyId": "1234"},
    "AWS::Events::Rule": {"Name": "{name}", "EventPattern": {"source": ["test"]}},
    "AWS::StepFunctions::StateMachine": {
        "StateMachineName": "{name}",
        "RoleArn": ROLE,
        "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
    },
}


def _template(kind: str, name: str, policy: str) -> str:
    properties = {
        key: value.replace("{name}", name) if isinstance(value, str) else value
        for key, value in RESOURCES[kind].items()
    }
    return json.dumps(
        {"Resources": {"It": {"Type": kind, "Properties": properties, "DeletionPolicy": policy}}}
    )


@pytest.fixture
def deploy(aws: Any) -> Any:
    """Creates a stack and waits for its end; returns its status and the reasons of its failures."""

    def create(stack: str, template: str) -> tuple[str, str]:
        cloudformation = aws("cloudformation")
        cloudformation.create_stack(StackName=stack, TemplateBody=template)
        waiter = cloudformation.get_waiter("stack_exists")
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.1})
        while (status := _status(cloudformation, stack)).endswith("IN_PROGRESS"):
            pass
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        return status, " ".join(event.get("ResourceStatusReason", "") for event in events)

    return create


def _status(cloudformation: Any, stack: str) -> str:
    return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


@pytest.mark.parametrize("kind", RESOURCES)
def test_what_a_deleted_stack_has_retained_keeps_its_name(
    aws: Any, deploy: Any, unique: Any, kind: str
) -> None:
    first, second, name = unique("stack"), unique("stack"), unique("taken")
    template = _template(kind, name, "Retain")
    assert deploy(first, template)[0] == "CREATE_COMPLETE"
    aws("cloudformation").delete_stack(StackName=first)
    aws("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=first, WaiterConfig={"Delay": 0.1}
    )
    status, reasons = deploy(second, template)
    assert status == "ROLLBACK_COMPLETE"
    assert "already exists" in reasons


@pytest.mark.parametrize("kind", RESOURCES)
def test_what_a_deleted_stack_has_deleted_can_be_made_again(
    aws: Any, deploy: Any, unique: Any, kind: str
) -> None:
    stack, template = unique("stack"), _template(kind, unique("free"), "Delete")
    assert deploy(stack, template)[0] == "CREATE_COMPLETE"
    aws("cloudformation").delete_stack(StackName=stack)
    aws("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 0.1}
    )
    assert deploy(stack, template)[0] == "CREATE_COMPLETE"
