"""Storage integrations: which locations stages may name, and whom the cloud's role has to trust."""

import secrets
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from local_snowflake import errors
from local_snowflake.lifecycle import drop_stored, kept
from local_snowflake.show import Filter
from local_snowflake.statements import Answer, Call, Handlers, status
from local_snowflake.store import Store

KIND = "INTEGRATION"

# Snowflake plays one account of AWS; the local AWS keeps accounts apart by the access key.
AWS_ACCOUNT = "999999999999"
_IAM_USER = f"arn:aws:iam::{AWS_ACCOUNT}:user/local-snowflake"
_SETTABLE = {
    "TYPE",
    "STORAGE_PROVIDER",
    "STORAGE_AWS_ROLE_ARN",
    "STORAGE_AWS_EXTERNAL_ID",
    "STORAGE_ALLOWED_LOCATIONS",
    "STORAGE_BLOCKED_LOCATIONS",
    "ENABLED",
    "COMMENT",
}


@dataclass
class Integration:
    """A storage integration with an S3 role."""

    role_arn: str
    external_id: str
    enabled: bool
    allowed: list[str]
    blocked: list[str] = field(default_factory=list)
    comment: str | None = None
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Another one after OR REPLACE."""

    def allows(self, location: str) -> bool:
        """Whether a stage may name this URL."""
        path = location.rstrip("/") + "/"
        inside = any(allowed == "*" or path.startswith(_folder(allowed)) for allowed in self.allowed)
        return inside and not any(path.startswith(_folder(blocked)) for blocked in self.blocked)


def _folder(location: str) -> str:
    return location.rstrip("/") + "/"


class Integrations:
    """The statements on storage integrations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        found: Handlers = {
            "CREATE STORAGE INTEGRATION": self._create,
            "ALTER STORAGE INTEGRATION": self._alter,
            "ALTER INTEGRATION": self._alter,
            "SHOW INTEGRATIONS": self._show,
            "SHOW STORAGE INTEGRATIONS": self._show,
        }
        for noun in ("INTEGRATION", "STORAGE INTEGRATION"):
            found |= {f"DESC {noun}": self._describe, f"DROP {noun}": self._drop}
        return found

    def get(self, name: str) -> Integration:
        """An integration by its name. Raises 002003 if there is none."""
        found = self._store.get(KIND, (name,))
        if found is None:
            raise errors.does_not_exist("Integration", name)
        return Integration(**found)

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.reader.identifier()
        options = _checked(call.reader.options())
        call.reader.end()
        there = self._store.get(KIND, (name,)) is not None
        if answer := kept(call, there, keep, (name,)):
            return answer
        for required in ("TYPE", "STORAGE_PROVIDER", "ENABLED", "STORAGE_ALLOWED_LOCATIONS"):
            if required not in options:
                raise errors.missing_property(required)
        if "STORAGE_AWS_ROLE_ARN" not in options:
            raise errors.missing_property("STORAGE_AWS_ROLE_ARN")
        # A new one on OR REPLACE, which is why replacing an integration breaks the trust of its role.
        created = Integration("", f"LOCAL_SFCRole=1_{secrets.token_urlsafe(18)}", True, [])
        self._save(name, _changed(created, options))
        return status(f"Integration {name} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        if self._store.get(KIND, (name,)) is None:
            if optional:
                return status()
            raise errors.does_not_exist("Integration", name)
        integration = self.get(name)
        if call.reader.accept("UNSET"):
            _unset(integration, call)
        else:
            call.reader.expect("SET")
            integration = _changed(integration, _checked(call.reader.options()))
        call.reader.end()
        self._save(name, integration)
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        return drop_stored(call, self._store, KIND, "Integration", (call.reader.identifier(),), optional)

    def _describe(self, call: Call) -> Answer:
        integration = self.get(call.reader.identifier())
        call.reader.end()
        rows = [
            ("ENABLED", "Boolean", str(integration.enabled).lower(), "false"),
            ("STORAGE_PROVIDER", "String", "S3", ""),
            ("STORAGE_ALLOWED_LOCATIONS", "List", ",".join(integration.allowed), "[]"),
            ("STORAGE_BLOCKED_LOCATIONS", "List", ",".join(integration.blocked), "[]"),
            ("STORAGE_AWS_IAM_USER_ARN", "String", _IAM_USER, ""),
            ("STORAGE_AWS_ROLE_ARN", "String", integration.role_arn, ""),
            ("STORAGE_AWS_EXTERNAL_ID", "String", integration.external_id, ""),
            ("COMMENT", "String", integration.comment or "", ""),
        ]
        return Answer(["property", "property_type", "property_value", "property_default"], rows)

    def _show(self, call: Call) -> Answer:
        matches = Filter.read(call.reader).matches
        rows = [
            (name[0], "EXTERNAL_STAGE", "STORAGE", str(found["enabled"]).lower(), found["comment"], created)
            for name, found, created in self._store.all(KIND)
            if matches(name[0])
        ]
        return Answer(["name", "type", "category", "enabled", "comment", "created_on"], rows)

    def _save(self, name: str, integration: Integration) -> None:
        self._store.put(KIND, (name,), asdict(integration))


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    for key in options:
        if key not in _SETTABLE:
            raise errors.invalid_property(key)
    if str(options.get("TYPE", "EXTERNAL_STAGE")).upper() != "EXTERNAL_STAGE":
        raise errors.invalid_option("TYPE", options["TYPE"], "EXTERNAL_STAGE")
    if str(options.get("STORAGE_PROVIDER", "S3")).upper() != "S3":
        raise errors.unsupported(f"STORAGE_PROVIDER = {options['STORAGE_PROVIDER']}")
    for key in ("STORAGE_ALLOWED_LOCATIONS", "STORAGE_BLOCKED_LOCATIONS"):
        _check_locations(key, options.get(key, []))
    return options


def _check_locations(key: str, locations: Any) -> None:
    if not isinstance(locations, list):
        raise errors.invalid_option(key, locations, "a list of locations in parentheses")
    for location in locations:
        if location != "*" and not str(location).startswith("s3://"):
            raise errors.invalid_option(key, location, "a location such as s3://bucket/path/")


def _changed(integration: Integration, options: dict[str, Any]) -> Integration:
    return Integration(
        role_arn=options.get("STORAGE_AWS_ROLE_ARN", integration.role_arn),
        external_id=options.get("STORAGE_AWS_EXTERNAL_ID", integration.external_id),
        enabled=options.get("ENABLED", integration.enabled),
        allowed=options.get("STORAGE_ALLOWED_LOCATIONS", integration.allowed),
        blocked=options.get("STORAGE_BLOCKED_LOCATIONS", integration.blocked),
        comment=options.get("COMMENT", integration.comment),
        identity=integration.identity,
    )


def _unset(integration: Integration, call: Call) -> None:
    while True:
        key = call.reader.identifier()
        if key == "COMMENT":
            integration.comment = None
        elif key == "STORAGE_BLOCKED_LOCATIONS":
            integration.blocked = []
        else:
            raise errors.invalid_property(key)
        if not call.reader.accept(","):
            return
