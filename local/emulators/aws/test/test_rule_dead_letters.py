"""Events that a rule cannot deliver."""

import json
from typing import Any

import pytest
from conftest import ROLE

MISSING = {
    "function": "arn:aws:lambda:us-east-1:000000000000:function:missing",
    "queue": "arn:aws:sqs:us-east-1:000000000000:missing",
    "topic": "arn:aws:sns:us-east-1:000000000000:missing",
    "state machine": "arn:aws:states:us-east-1:000000000000:stateMachine:missing",
}


@pytest.fixture
def send_to(aws: Any, unique: Any, create_queue: Any) -> Any:
    """Sends an event through a rule to a target; returns the rule's ARN and the dead-letter queue's URL."""

    def send(target: str) -> tuple[str, str]:
        url, queue = create_queue()
        rule, source = unique("rule"), unique("source")
        arn = aws("events").put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
        destination = {"Id": "it", "Arn": target, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": queue}}
        aws("events").put_targets(Rule=rule, Targets=[destination])
        entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps({"key": 'a "b" \\'})}
        aws("events").put_events(Entries=[entry])
        return arn, url

    return send


@pytest.mark.parametrize("target", MISSING.values(), ids=MISSING.keys())
def test_event_for_a_missing_target_goes_to_the_queue_as_it_was(
    send_to: Any, receive: Any, target: str
) -> None:
    rule, url = send_to(target)
    message = receive(url)[0]
    assert json.loads(message["Body"])["detail"] == {"key": 'a "b" \\'}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (rule, target)
    assert attributes["ERROR_CODE"] in {"RESOURCE_NOT_FOUND", "StateMachineDoesNotExist"}


def test_delivered_event_does_not(aws: Any, send_to: Any, create_queue: Any, receive: Any) -> None:
    url, queue = create_queue()
    _, dead_letters = send_to(queue)
    assert receive(url)
    assert "Messages" not in aws("sqs").receive_message(QueueUrl=dead_letters)
