"""CloudFormation types that MiniStack does not know (extension "cloudformation-types").

MiniStack refuses a template with an unknown type. A security configuration is created as through Glue's API;
the others, and alarms on metric mathematics, are recorded only: the stack gets plausible values for Ref and
Fn::GetAtt, and nothing happens.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.pinned import private

_EXTENSION = "cloudformation-types"
_provisioners = private(
    _EXTENSION, "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", "_physical_name"
)
_glue = private(_EXTENSION, "ministack.services.glue", "_create_security_configuration", "_security_configs")
_responses = private(_EXTENSION, "ministack.core.responses", "get_account_id", "get_region")

_ALARM = "AWS::CloudWatch::Alarm"


@dataclass(frozen=True)
class Recorded:
    """A type that is only recorded.

    name: property that is the physical id, if the type has one.
    prefix: start of a generated id, as EC2 makes them.
    attributes: what Fn::GetAtt answers; "{id}", "{account}" and "{region}" are filled in.
    ref: what Ref answers, where that is not the physical id.
    """

    name: str = ""
    prefix: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ref: str = "{id}"


# Ref and attributes as each type's page in the CloudFormation template reference gives them.
RECORDED: Mapping[str, Recorded] = {
    "AWS::Budgets::Budget": Recorded(prefix="budget"),
    "AWS::CloudTrail::Trail": Recorded(
        name="TrailName", attributes={"Arn": "arn:aws:cloudtrail:{region}:{account}:trail/{id}"}
    ),
    "AWS::CloudWatch::CompositeAlarm": Recorded(
        name="AlarmName", attributes={"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"}
    ),
    "AWS::DMS::Endpoint": Recorded(
        name="EndpointIdentifier", ref="arn:aws:dms:{region}:{account}:endpoint:{id}"
    ),
    "AWS::DMS::ReplicationInstance": Recorded(
        name="ResourceIdentifier", ref="arn:aws:dms:{region}:{account}:rep:{id}"
    ),
    "AWS::DMS::ReplicationSubnetGroup": Recorded(name="ReplicationSubnetGroupIdentifier"),
    "AWS::DMS::ReplicationTask": Recorded(
        name="ResourceIdentifier", ref="arn:aws:dms:{region}:{account}:task:{id}"
    ),
    # 203.0.113.0/24 is set aside for documentation (RFC 5737).
    "AWS::EC2::EIP": Recorded(
        prefix="eipalloc", attributes={"AllocationId": "{id}", "PublicIp": "203.0.113.10"}, ref="203.0.113.10"
    ),
    "AWS::EC2::FlowLog": Recorded(prefix="fl", attributes={"Id": "{id}"}),
    "AWS::EC2::NatGateway": Recorded(prefix="nat", attributes={"NatGatewayId": "{id}"}),
    "AWS::EC2::SecurityGroupEgress": Recorded(prefix="sgr", attributes={"Id": "{id}"}),
    "AWS::EC2::SecurityGroupIngress": Recorded(prefix="sgr", attributes={"Id": "{id}"}),
    "AWS::Events::Archive": Recorded(
        name="ArchiveName", attributes={"Arn": "arn:aws:events:{region}:{account}:archive/{id}"}
    ),
    "AWS::Logs::QueryDefinition": Recorded(prefix="query", attributes={"QueryDefinitionId": "{id}"}),
    "AWS::SecretsManager::ResourcePolicy": Recorded(name="SecretId", attributes={"Id": "{id}"}),
    "AWS::SecretsManager::RotationSchedule": Recorded(name="SecretId", attributes={"Id": "{id}"}),
}


def install() -> None:
    """Add the types that this MiniStack does not have."""
    handlers = _provisioners._RESOURCE_HANDLERS
    for type_name, recorded in RECORDED.items():
        handlers.setdefault(type_name, _recording(recorded))
    handlers[_ALARM] = _alarm(handlers[_ALARM])
    handlers.setdefault(
        "AWS::Glue::SecurityConfiguration",
        {
            "create": _create_security_configuration,
            "update": lambda physical_id, _old, new, stack: _create_security_configuration(
                physical_id, new, stack
            ),
            "delete": lambda physical_id, _properties: _glue._security_configs.pop(physical_id, None),
        },
    )


def _recording(recorded: Recorded) -> dict[str, Any]:
    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        values = {
            "id": _identifier(recorded, logical_id, properties, stack),
            "account": _responses.get_account_id(),
            "region": _responses.get_region(),
        }
        attributes = {name: text.format(**values) for name, text in recorded.attributes.items()}
        return recorded.ref.format(**values), attributes

    def update(
        _id: str, _old: Any, new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, str]]:
        return create(logical_id, new, stack)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": lambda *_: None}


def _identifier(recorded: Recorded, logical_id: str, properties: dict[str, Any], stack: str) -> str:
    """The same for the same resource, so that an update of the stack changes no reference to it."""
    if recorded.prefix:
        digest = hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()
        return f"{recorded.prefix}-{digest[:17]}"
    return str(properties.get(recorded.name) or _provisioners._physical_name(stack, logical_id))


def _alarm(handler: dict[str, Any]) -> dict[str, Any]:
    """MiniStack refuses an alarm on metric mathematics; it evaluates all others."""
    recorded = _recording(
        Recorded(name="AlarmName", attributes={"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"})
    )

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        chosen = recorded if "Metrics" in properties else handler
        return chosen["create"](logical_id, properties, stack)

    def update(physical_id: str, old: Any, new: dict[str, Any], stack: str, logical_id: str) -> Any:
        if "Metrics" in new:
            return recorded["create"](logical_id, new, stack)
        if "update_with_logical_id" in handler:
            return handler["update"](physical_id, old, new, stack, logical_id)
        return handler["update"](physical_id, old, new, stack)

    return {**handler, "create": create, "update": update, "update_with_logical_id": True}


def _create_security_configuration(
    logical_id: str, properties: dict[str, Any], stack: str
) -> tuple[str, dict[str, str]]:
    name = properties.get("Name") or _provisioners._physical_name(stack, logical_id)
    encryption = dict(properties.get("EncryptionConfiguration", {}))
    if "S3Encryptions" in encryption:  # CloudFormation's name of what the API calls S3Encryption
        encryption["S3Encryption"] = encryption.pop("S3Encryptions")
    _glue._security_configs.pop(name, None)
    _glue._create_security_configuration({"Name": name, "EncryptionConfiguration": encryption})
    return name, {}
