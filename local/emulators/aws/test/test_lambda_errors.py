"""Failed invocations and their names."""

import json
from typing import Any

import pytest

INVOKE = "arn:aws:states:::lambda:invoke"
NAMED = """
class LedgerConflictError extends Error { constructor(m) { super(m); this.name = 'LedgerConflictError'; } }
exports.handler = async () => { throw new LedgerConflictError('row is taken'); };
"""


def _invoke(aws: Any, function: str) -> tuple[Any, Any]:
    answer = aws("lambda").invoke(FunctionName=function, Payload=b"{}")
    return answer, json.loads(answer["Payload"].read())


def test_error_type_is_the_errors_name(aws: Any, create_function: Any) -> None:
    answer, body = _invoke(aws, create_function(NAMED))
    assert answer["FunctionError"]
    assert (body["errorType"], body["errorMessage"]) == ("LedgerConflictError", "row is taken")
    assert body["trace"][0] == "LedgerConflictError: row is taken"


@pytest.mark.parametrize("code", ["exports.handler = () => { throw new RangeError('no'); };"])
def test_errors_thrown_synchronously_are_named_too(aws: Any, create_function: Any, code: str) -> None:
    assert _invoke(aws, create_function(code))[1]["errorType"] == "RangeError"


def test_catch_matches_by_name(create_function: Any, start_machine: Any, end_of: Any) -> None:
    task = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": create_function(NAMED), "Payload": {}},
        "Catch": [{"ErrorEquals": ["LedgerConflictError"], "Next": "Noted"}],
        "End": True,
    }
    execution = end_of(start_machine({"Register": task, "Noted": {"Type": "Pass", "End": True}}))
    assert execution["status"] == "SUCCEEDED"
    caught = json.loads(execution["output"])
    assert caught["Error"] == "LedgerConflictError"
    assert json.loads(caught["Cause"])["errorMessage"] == "row is taken"


def test_function_that_dies_fails_its_invocation_and_serves_the_next(aws: Any, create_function: Any) -> None:
    function = create_function(
        "exports.handler = async ({ die }) => { if (die) process.exit(3); return 'alive'; };"
    )
    answer = aws("lambda").invoke(FunctionName=function, Payload=b'{"die": true}')
    assert json.loads(answer["Payload"].read())["errorType"] == "Runtime.ExitError"
    assert json.loads(aws("lambda").invoke(FunctionName=function, Payload=b"{}")["Payload"].read()) == "alive"


def test_function_that_dies_while_it_starts_has_the_same_error(aws: Any, create_function: Any) -> None:
    _, body = _invoke(aws, create_function("process.exit(3);"))
    assert body["errorType"] == "Runtime.ExitError"


def test_function_beyond_its_timeout_fails(aws: Any, create_function: Any) -> None:
    function = create_function("exports.handler = () => new Promise((r) => setTimeout(r, 60000));", timeout=1)
    _, body = _invoke(aws, function)
    assert "Task timed out after 1" in body["errorMessage"]
    assert body["errorType"] == "Sandbox.Timedout"


def test_function_finds_the_local_services(aws: Any, create_function: Any, server: Any) -> None:
    function = create_function(
        "exports.handler = async () => [process.env.AWS_ENDPOINT_URL, process.env.AWS_REGION];"
    )
    assert _invoke(aws, function)[1] == [server.endpoint, "us-east-1"]
