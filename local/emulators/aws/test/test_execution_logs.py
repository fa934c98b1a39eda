"""State-machine logs in CloudWatch Logs."""

import json
from typing import Any

import pytest
from conftest import ROLE
from emulator_process import eventually


@pytest.fixture
def logged(aws: Any, unique: Any, end_of: Any) -> Any:
    """Runs a machine that fails with a logging configuration, and returns what it logged."""

    def run(level: str, with_data: bool) -> list[dict[str, Any]]:
        group = f"/aws/vendedlogs/states/{unique('group')}"
        aws("logs").create_log_group(logGroupName=group)
        arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
        states = {"First": {"Type": "Pass", "Next": "Last"}, "Last": {"Type": "Fail", "Error": "Bad"}}
        machine = aws("stepfunctions").create_state_machine(
            name=unique("machine"),
            roleArn=ROLE,
            definition=json.dumps({"StartAt": "First", "States": states}),
            loggingConfiguration={
                "level": level,
                "includeExecutionData": with_data,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
            },
        )["stateMachineArn"]
        end_of(
            aws("stepfunctions").start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]
        )
        events = eventually(lambda: aws("logs").filter_log_events(logGroupName=group)["events"])
        return [json.loads(event["message"]) for event in events]

    return run


def test_level_all_logs_every_event_with_its_data(logged: Any) -> None:
    lines = logged("ALL", True)
    assert [line["type"] for line in lines] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    assert lines[0]["details"]["input"] == '{"a": 1}'
    assert [line["previous_event_id"] for line in lines] == ["0", "1", "2", "3", "4"]


def test_data_is_left_out_unless_asked_for(logged: Any) -> None:
    assert not [
        line for line in logged("ALL", False) if "input" in line["details"] or "output" in line["details"]
    ]


def test_level_error_logs_failures_only(logged: Any) -> None:
    assert [line["type"] for line in logged("ERROR", True)] == ["ExecutionFailed"]
