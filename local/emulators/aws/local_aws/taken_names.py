"""Names that something else already has (extension "taken-names").

MiniStack lets a stack take over what has the name of its resource. CloudFormation fails the creation: it
adopts neither what was retained nor what was made by hand.
"""

from collections.abc import Callable
from typing import Any

from local_aws.pinned import private

_EXTENSION = "taken-names"
_provisioners = private(_EXTENSION, "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
_glue = private(_EXTENSION, "ministack.services.glue", "_jobs", "_security_configs")
_iam = private(_EXTENSION, "ministack.services.iam", "_roles")
_kms = private(_EXTENSION, "ministack.services.kms", "_aliases", "_alias_arn")
_lambda = private(_EXTENSION, "ministack.services.lambda_svc", "_functions")
_logs = private(_EXTENSION, "ministack.services.cloudwatch_logs", "_log_groups")
_rules = private(_EXTENSION, "ministack.services.eventbridge", "_rules")
_sfn = private(_EXTENSION, "ministack.services.stepfunctions", "_state_machines")
_sns = private(_EXTENSION, "ministack.services.sns", "_topics")
_sqs = private(_EXTENSION, "ministack.services.sqs", "_queue_name_to_url")

# Each type's property that is its name, and whether something has that name already.
_NAMED: dict[str, tuple[str, Callable[[str], bool]]] = {
    "AWS::Events::Rule": ("Name", lambda name: _has(_rules._rules, "Name", name)),
    "AWS::Glue::Job": ("Name", lambda name: name in _glue._jobs),
    "AWS::Glue::SecurityConfiguration": ("Name", lambda name: name in _glue._security_configs),
    "AWS::IAM::Role": ("RoleName", lambda name: name in _iam._roles),
    "AWS::KMS::Alias": ("AliasName", lambda name: _kms._alias_arn(name) in _kms._aliases),
    "AWS::Lambda::Function": ("FunctionName", lambda name: name in _lambda._functions),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda name: name in _logs._log_groups),
    "AWS::SNS::Topic": ("TopicName", lambda name: any(arn.endswith(f":{name}") for arn in _sns._topics)),
    "AWS::SQS::Queue": ("QueueName", lambda name: name in _sqs._queue_name_to_url),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        lambda name: _has(_sfn._state_machines, "name", name),
    ),
}


def install() -> None:
    """Fail the creation of a resource whose name is taken. After the types that other extensions add."""
    for type_name, (name_property, is_taken) in _NAMED.items():
        handler = _provisioners._RESOURCE_HANDLERS[type_name]
        create = _refusing(handler["create"], type_name, name_property, is_taken)
        _provisioners._RESOURCE_HANDLERS[type_name] = {**handler, "create": create}


def _refusing(create: Any, type_name: str, name_property: str, is_taken: Callable[[str], bool]) -> Any:
    def create_resource(logical_id: str, properties: dict[str, Any], *more: Any, **named: Any) -> Any:
        name = properties.get(name_property)
        if name and is_taken(str(name)):
            raise ValueError(f"Resource of type '{type_name}' with identifier '{name}' already exists.")
        return create(logical_id, properties, *more, **named)

    return create_resource


def _has(records: Any, field: str, value: str) -> bool:
    return any(record[field] == value for record in records.values())
