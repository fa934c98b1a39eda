"""What ends an execution whatever it catches, and inputs that are refused."""

from typing import Any

import pytest

INVOKE = "arn:aws:states:::lambda:invoke"
CATCH_ALL = {
    "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Noted"}],
}
NOTED = {"Noted": {"Type": "Pass", "End": True}}


def _task(function: str, **more: Any) -> dict[str, Any]:
    arguments = {"FunctionName": function, "Payload": {}}
    return {"Type": "Task", "Resource": INVOKE, "Arguments": arguments, "End": True, **CATCH_ALL, **more}


@pytest.fixture
def run(start_machine: Any, end_of: Any) -> Any:
    """Runs states in JSONata and returns the execution at its end."""

    def to_end(states: dict[str, Any]) -> Any:
        return end_of(start_machine(states, QueryLanguage="JSONata"))

    return to_end


def test_output_beyond_the_limit_fails_the_execution_and_nothing_catches_it(
    create_function: Any, run: Any, history_of: Any
) -> None:
    long = create_function("exports.handler = async () => 'x'.repeat(270000);")
    execution = run({"Work": _task(long), **NOTED})
    assert (execution["status"], execution["error"]) == ("FAILED", "States.DataLimitExceeded")
    scheduled = [event for event in history_of(execution["executionArn"]) if event["type"] == "TaskScheduled"]
    assert len(scheduled) == 1


def test_the_limit_counts_bytes_of_utf_8_and_not_escaped_characters(create_function: Any, run: Any) -> None:
    accented = create_function("exports.handler = async () => 'é'.repeat(130000);")
    assert run({"Work": _task(accented), **NOTED})["status"] == "SUCCEEDED"


def test_output_expression_beyond_the_limit_fails_the_execution(run: Any) -> None:
    state = {"Type": "Pass", "Output": "{% $pad('', 270000, 'x') %}", "End": True}
    assert run({"Long": state})["error"] == "States.DataLimitExceeded"


def test_null_argument_fails_the_execution_and_nothing_catches_it(create_function: Any, run: Any) -> None:
    function = create_function("exports.handler = async () => 1;")
    arguments = {"FunctionName": function, "Payload": {"may": None}, "Qualifier": None}
    execution = run({"Work": _task(function, Arguments=arguments), **NOTED})
    assert (execution["status"], execution["error"]) == ("FAILED", "States.Runtime")
    assert "Qualifier" in execution["cause"]


def test_input_beyond_the_limit_is_refused(aws: Any, start_machine: Any) -> None:
    with pytest.raises(aws("stepfunctions").exceptions.ClientError, match="ValidationException"):
        start_machine(NOTED, execution_input={"text": "x" * 270_000})
