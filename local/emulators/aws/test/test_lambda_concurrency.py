"""Reserved concurrency in an account that has none to reserve."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

HANDLER = "exports.handler = async () => 1;"


def test_reservation_by_the_api_is_refused(aws: Any, create_function: Any) -> None:
    function = create_function(HANDLER)
    with pytest.raises(ClientError, match="below its minimum value"):
        aws("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    aws("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)


def test_stack_with_a_reservation_fails(aws: Any, unique: Any) -> None:
    stack = unique("reserving")
    properties = {
        "Role": "arn:aws:iam::000000000000:role/test",
        "Runtime": "nodejs24.x",
        "Handler": "index.handler",
        "Code": {"ZipFile": HANDLER},
        "ReservedConcurrentExecutions": 1,
    }
    template = {"Resources": {"It": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    while status().endswith("IN_PROGRESS"):
        time.sleep(0.05)
    assert status() == "ROLLBACK_COMPLETE"
