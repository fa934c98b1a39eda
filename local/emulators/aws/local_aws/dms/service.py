"""DMS for templates and for Step Functions (extension "dms").

MiniStack has neither its API nor its types. A task runs as a process of `local_dms`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from local_aws.dms.reader_settings import NotPerformedError
from local_aws.dms.tasks import FaultError, Task, Tasks
from local_aws.options import Options
from local_aws.pinned import private, replace

_EXTENSION = "dms"
_ENDPOINT, _TASK = "AWS::DMS::Endpoint", "AWS::DMS::ReplicationTask"
_INSTANCE = "AWS::DMS::ReplicationInstance"
# "CreateReplicationTask" and "CreateReplicationInstance", AWS DMS API Reference: the end of an ARN.
_RESOURCE_IDENTIFIER = re.compile(r"(?!.*--)[A-Za-z][A-Za-z0-9-]{0,30}(?<!-)")
_provisioners = private(_EXTENSION, "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
_stacks = private(_EXTENSION, "ministack.services.cloudformation.stacks", "_runs_on_worker_thread")
_app = private(_EXTENSION, "ministack.app", "SERVICE_HANDLERS")
_router = private(_EXTENSION, "ministack.core.router", "SERVICE_PATTERNS")
_states = private(
    _EXTENSION, "ministack.services.stepfunctions", "_AWS_SDK_SERVICE_MAP", "_AWS_SDK_ERROR_PREFIX"
)
_responses = private(
    _EXTENSION,
    "ministack.core.responses",
    "error_response_json",
    "json_response",
    "get_account_id",
    "get_region",
)

_TARGET = "AmazonDMSv20160101"


def install(options: Options) -> Callable[[], None]:
    """Add API and types, over those that are only recorded; returns what ends the processes."""
    tasks = Tasks(options)
    _app.SERVICE_HANDLERS["dms"] = _handler(tasks)
    _router.SERVICE_PATTERNS["dms"] = {"target_prefixes": [_TARGET]}
    _states._AWS_SDK_SERVICE_MAP["databasemigration"] = {
        "target_prefix": _TARGET,
        "protocol": "json",
        "service_key": "dms",
    }
    _states._AWS_SDK_ERROR_PREFIX["databasemigration"] = "DatabaseMigration"
    _noting(_ENDPOINT, lambda arn, properties: _note_endpoint(tasks, arn, properties), tasks.endpoints.pop)
    _noting(_INSTANCE, lambda _arn, properties: _check_identifier(properties), lambda _arn: None)
    _noting(_TASK, lambda arn, properties: _note_task(tasks, arn, properties), tasks.delete)
    # They use the API, or wait for a process, so they must not run on the event loop.
    replace(_stacks, "_runs_on_worker_thread", lambda original: lambda kind: kind == _TASK or original(kind))
    return tasks.end


def _noting(kind: str, note: Callable[[str, dict[str, Any]], None], forget: Callable[[str], Any]) -> None:
    """Let the type that is recorded also be noted."""
    recorded = _provisioners._RESOURCE_HANDLERS[kind]

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        made = recorded["create"](logical_id, properties, stack)
        note(made[0], properties)
        return made

    def update(_id: str, _old: Any, new: dict[str, Any], stack: str, logical_id: str) -> Any:
        return create(logical_id, new, stack)

    def delete(physical_id: str, _properties: Any) -> None:
        forget(physical_id)

    _provisioners._RESOURCE_HANDLERS[kind] = {
        **recorded,
        "create": create,
        "update": update,
        "delete": delete,
    }


def _check_identifier(properties: dict[str, Any]) -> None:
    name = properties.get("ResourceIdentifier")
    if name is not None and not _RESOURCE_IDENTIFIER.fullmatch(name):
        raise ValueError(
            f"ResourceIdentifier {name} is not 1 to 31 letters, digits and single hyphens, a letter first"
        )


def _note_endpoint(tasks: Tasks, arn: str, properties: dict[str, Any]) -> None:
    certificate = properties.get("CertificateArn")
    if certificate is not None and certificate not in tasks.certificates:
        raise ValueError(f"Certificate {certificate} not found; import it first")
    tasks.endpoints[arn] = properties


def _note_task(tasks: Tasks, arn: str, properties: dict[str, Any]) -> None:
    _check_identifier(properties)
    known = tasks.tasks.get(arn)
    if known is None:
        tasks.tasks[arn] = Task(arn, properties)
    elif known.status == "running":
        # "ModifyReplicationTask", AWS DMS API Reference: a task must be stopped first.
        raise ValueError(f"Replication task {arn} is running; stop it first")
    else:
        known.properties = properties


def _handler(tasks: Tasks) -> Any:
    async def handle(_method: str, _path: str, headers: Any, body: bytes, _query: Any) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        answer = _ANSWERS.get(action)
        if answer is None:
            return _responses.error_response_json("UnknownOperationException", f"{action} is not performed")
        try:
            found = await asyncio.to_thread(answer, tasks, json.loads(body or b"{}"))
        except FaultError as fault:
            return _responses.error_response_json(fault.name, str(fault))
        except NotPerformedError as error:
            return _responses.error_response_json("InvalidParameterValueException", str(error))
        return _responses.json_response(found)

    return handle


def _describe_tasks(tasks: Tasks, asked: dict[str, Any]) -> dict[str, Any]:
    found = list(tasks.tasks.values())
    for condition in asked.get("Filters", []):
        if condition["Name"] != "replication-task-arn":
            raise FaultError("InvalidParameterValueException", f"Filter {condition['Name']} is not performed")
        found = [task for task in found if task.arn in condition["Values"]]
    if not found:
        raise FaultError("ResourceNotFoundFault", "No replication task found")
    return {"ReplicationTasks": [task.described() for task in found]}


def _start_task(tasks: Tasks, asked: dict[str, Any]) -> dict[str, Any]:
    task = tasks.start(asked["ReplicationTaskArn"], asked["StartReplicationTaskType"])
    return {"ReplicationTask": task.described()}


def _stop_task(tasks: Tasks, asked: dict[str, Any]) -> dict[str, Any]:
    return {"ReplicationTask": tasks.stop(asked["ReplicationTaskArn"]).described()}


def _test_connection(tasks: Tasks, asked: dict[str, Any]) -> dict[str, Any]:
    tasks.test(asked["ReplicationInstanceArn"], asked["EndpointArn"])
    return {"Connection": {**asked, "Status": "testing"}}


def _import_certificate(tasks: Tasks, asked: dict[str, Any]) -> dict[str, Any]:
    """DMS makes the end of the ARN up; this takes the identifier, which settings can name before."""
    name = asked["CertificateIdentifier"]
    arn = f"arn:aws:dms:{_responses.get_region()}:{_responses.get_account_id()}:cert:{name}"
    if arn in tasks.certificates:
        raise FaultError("ResourceAlreadyExistsFault", f"Certificate {name} already exists")
    tasks.certificates[arn] = asked["CertificatePem"]
    return {"Certificate": {"CertificateIdentifier": name, "CertificateArn": arn}}


_ANSWERS: dict[str, Callable[[Tasks, dict[str, Any]], dict[str, Any]]] = {
    "DescribeReplicationTasks": _describe_tasks,
    "StartReplicationTask": _start_task,
    "StopReplicationTask": _stop_task,
    "TestConnection": _test_connection,
    "ImportCertificate": _import_certificate,
}
