"""External stages, checked against the locations that their storage integration allows."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.file_formats import FileFormats
from local_snowflake.integrations import Integrations
from local_snowflake.lifecycle import drop_stored, kept
from local_snowflake.show import Filter
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Name, Store

KIND = "STAGE"
_SETTABLE = {"URL", "STORAGE_INTEGRATION", "FILE_FORMAT", "DIRECTORY", "ENCRYPTION", "COMMENT"}
_COLUMNS = columns(
    "created_on name database_name schema_name url has_credentials has_encryption_key "
    "owner comment region type cloud notification_channel storage_integration endpoint "
    "owner_role_type directory_enabled"
)


@dataclass
class Stage:
    """An external stage.

    integration_identity: of the integration that the stage was given. One that was replaced since has the
    same name and another identity, and the stage is broken, as in Snowflake.
    """

    url: str
    integration: str
    integration_identity: str
    owner: str
    file_format: dict[str, Any] = field(default_factory=dict)
    comment: str = ""


class Stages:
    """The statements on stages."""

    def __init__(
        self, store: Store, integrations: Integrations, formats: FileFormats, grants: Grants
    ) -> None:
        self._store = store
        self._grants = grants
        self._integrations = integrations
        self._formats = formats

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE STAGE": self._create,
            "ALTER STAGE": self._alter,
            "DESC STAGE": self._describe,
            "DROP STAGE": self._drop,
            "SHOW STAGES": self._show,
        }

    def get(self, name: Name) -> Stage:
        """A stage by its name. Raises 002003 if there is none."""
        found = self._store.get(KIND, name)
        if found is None:
            raise errors.does_not_exist("Stage", ".".join(name))
        return Stage(**found)

    def usable(self, name: Name) -> Stage:
        """A stage that can be read: its integration is there, is the one it was given, is enabled and
        allows it."""
        stage = self.get(name)
        integration = self._integrations.get(stage.integration)
        if integration.identity != stage.integration_identity:
            raise errors.integration_replaced(".".join(name), stage.integration)
        self._check(stage.url, stage.integration)
        return stage

    def location(self, call: Call, reference: str) -> tuple[Name, str]:
        """The stage and the path below it that ``@stage/path`` means."""
        reader = Reader(reference.removeprefix("@"))
        name = call.qualified(reader.name())
        if not reader.at_end:
            reader.expect("/")
        return name, reader.rest()

    def _check(self, url: str, integration_name: str) -> str:
        """Check a URL against an integration; returns the integration's identity."""
        if not url.startswith("s3://"):
            raise errors.unsupported(f"stage at {url}: only s3:// can be read")
        integration = self._integrations.get(integration_name)
        if not integration.enabled:
            raise errors.integration_disabled(integration_name)
        if not integration.allows(url):
            raise errors.location_not_allowed(url, integration_name)
        return integration.identity

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.qualified(call.reader.name())
        options = _checked(call.reader.options())
        call.reader.end()
        if call.temporary:
            raise errors.unsupported("TEMPORARY STAGE")
        if answer := kept(call, self._store.get(KIND, name) is not None, keep, name):
            return answer
        if "URL" not in options or "STORAGE_INTEGRATION" not in options:
            raise errors.unsupported("stage without URL and STORAGE_INTEGRATION")
        self._save(name, self._changed(call, Stage("", "", "", session.role(call.cursor._conn)), options))
        self._grants.created(KIND, name)
        return status(f"Stage area {name[-1]} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        if optional and self._store.get(KIND, name) is None:
            return status()
        stage = self.get(name)
        call.reader.expect("SET")
        options = _checked(call.reader.options())
        call.reader.end()
        self._save(name, self._changed(call, stage, options))
        return status()

    def _changed(self, call: Call, stage: Stage, options: dict[str, Any]) -> Stage:
        url = options.get("URL", stage.url)
        integration = str(options.get("STORAGE_INTEGRATION", stage.integration))
        given = options.get("FILE_FORMAT")
        return Stage(
            url=url,
            integration=integration,
            integration_identity=self._check(url, integration),
            owner=stage.owner,
            file_format=stage.file_format if given is None else self._formats.resolve(call, given),
            comment=options.get("COMMENT", stage.comment),
        )

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        self._grants.forget_object(KIND, name)
        return drop_stored(call, self._store, KIND, "Stage", name, optional)

    def _describe(self, call: Call) -> Answer:
        stage = self.get(call.qualified(call.reader.name()))
        call.reader.end()
        rows = [
            ("STAGE_FILE_FORMAT", key, "String", str(value), "") for key, value in stage.file_format.items()
        ]
        rows += [
            ("STAGE_LOCATION", "URL", "String", json.dumps([stage.url]), ""),
            ("STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", stage.integration, ""),
            ("DIRECTORY", "ENABLE", "Boolean", "false", "false"),
        ]
        return Answer(
            ["parent_property", "property", "property_type", "property_value", "property_default"], rows
        )

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = []
        for name, found, created in self._store.all(KIND, asked.within(call)):
            stage = Stage(**found)
            if asked.matches(name[2]):
                place = (created, name[2], name[0], name[1], stage.url, "N", "N", stage.owner, stage.comment)
                rest = (None, "EXTERNAL", "AWS", None, stage.integration, None, "ROLE", "N")
                rows.append((*place, *rest))
        return Answer(_COLUMNS, rows)

    def _save(self, name: Name, stage: Stage) -> None:
        self._store.put(KIND, name, asdict(stage))


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    for key in options:
        if key == "CREDENTIALS":
            raise errors.unsupported("stage with CREDENTIALS; give it a STORAGE_INTEGRATION")
        if key not in _SETTABLE:
            raise errors.invalid_property(key)
    if options.get("DIRECTORY", {}).get("ENABLE"):
        raise errors.unsupported("directory table of a stage")
    return options
