"""How executions start and end."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from conftest import ROLE
from emulator_process import eventually

WAIT = {"Type": "Wait", "Seconds": 20, "End": True}  # 2 s at the session's wait scale


@pytest.fixture
def waiting_machine(aws: Any, unique: Any) -> str:
    """A machine whose executions run for a while."""
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": WAIT}})
    created = aws("stepfunctions").create_state_machine(
        name=unique("machine"), roleArn=ROLE, definition=definition
    )
    return str(created["stateMachineArn"])


def test_same_name_and_input_while_it_runs_is_the_same_execution(aws: Any, waiting_machine: str) -> None:
    request = {"stateMachineArn": waiting_machine, "name": "once", "input": '{"file": 1}'}
    first = aws("stepfunctions").start_execution(**request)
    assert aws("stepfunctions").start_execution(**request)["executionArn"] == first["executionArn"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        aws("stepfunctions").start_execution(**{**request, "input": '{"file": 2}'})


def test_name_of_an_ended_execution_is_taken(aws: Any, waiting_machine: str) -> None:
    request = {"stateMachineArn": waiting_machine, "name": "ended", "input": "{}"}
    arn = aws("stepfunctions").start_execution(**request)["executionArn"]
    aws("stepfunctions").stop_execution(executionArn=arn)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        aws("stepfunctions").start_execution(**request)


def test_machine_timeout_ends_the_execution_as_timed_out(
    start_machine: Any, end_of: Any, history_of: Any
) -> None:
    arn = start_machine({"Wait": WAIT}, TimeoutSeconds=1)
    assert end_of(arn)["status"] == "TIMED_OUT"
    assert history_of(arn)[-1]["type"] == "ExecutionTimedOut"


def test_nothing_happens_after_the_end(aws: Any, start_machine: Any, end_of: Any, history_of: Any) -> None:
    arn = start_machine({"Wait": {**WAIT, "Seconds": 5}})
    eventually(lambda: len(history_of(arn)) == 2)
    aws("stepfunctions").stop_execution(executionArn=arn, error="Operator", cause="enough")
    later = start_machine({"Wait": {**WAIT, "Seconds": 8}})
    assert end_of(later)["status"] == "SUCCEEDED"  # by now the stopped execution's wait is over
    assert [event["type"] for event in history_of(arn)][-1] == "ExecutionAborted"
    description = end_of(arn)
    assert (description["status"], description["error"], description["cause"]) == (
        "ABORTED",
        "Operator",
        "enough",
    )


@pytest.mark.parametrize(
    ("state", "limits", "status"),
    [
        ({"Type": "Pass", "End": True}, {}, "SUCCEEDED"),
        ({"Type": "Fail", "Error": "Bad"}, {}, "FAILED"),
        (WAIT, {"TimeoutSeconds": 1}, "TIMED_OUT"),
    ],
)
def test_every_end_is_announced_on_the_event_bus(
    aws: Any,
    unique: Any,
    create_queue: Any,
    receive: Any,
    start_machine: Any,
    state: Any,
    limits: Any,
    status: str,
) -> None:
    url, queue = create_queue()
    rule = unique("rule")
    pattern = {"source": ["aws.states"], "detail": {"status": [status]}}
    aws("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    aws("events").put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])
    arn = start_machine({"Only": state}, **limits)
    events = [json.loads(message["Body"]) for message in receive(url)]
    assert events[0]["detail-type"] == "Step Functions Execution Status Change"
    assert (events[0]["detail"]["executionArn"], events[0]["detail"]["status"]) == (arn, status)
    aws("events").remove_targets(Rule=rule, Ids=["queue"])
    aws("events").delete_rule(Name=rule)
