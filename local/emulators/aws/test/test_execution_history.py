"""Histories read as in the Step Functions console."""

from typing import Any


def test_glue_task_is_told_step_by_step(
    create_job: Any, start_machine: Any, end_of: Any, history_of: Any
) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName.$": "$.job"},
        "TimeoutSeconds": 30,
        "End": True,
    }
    job = create_job("pass\n")
    arn = start_machine({"Clean reviews": task}, execution_input={"job": job})
    end_of(arn)
    events = history_of(arn)
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in events] == list(range(len(events)))
    scheduled = events[2]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("glue", "startJobRun.sync")
    assert (scheduled["region"], scheduled["timeoutInSeconds"]) == ("us-east-1", 30)
    assert scheduled["parameters"] == f'{{"JobName": "{job}"}}'
    assert events[4]["taskSubmittedEventDetails"]["output"].startswith('{"JobRunId"')


def test_lambda_task_names_service_and_action(
    create_function: Any, start_machine: Any, end_of: Any, history_of: Any
) -> None:
    function = create_function("exports.handler = async () => ({ ok: true });")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {}},
        "End": True,
    }
    arn = start_machine({"Register files": task})
    assert end_of(arn)["status"] == "SUCCEEDED"
    started = next(event for event in history_of(arn) if event["type"] == "TaskStarted")
    assert started["taskStartedEventDetails"] == {"resourceType": "lambda", "resource": "invoke"}
