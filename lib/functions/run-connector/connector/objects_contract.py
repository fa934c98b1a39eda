"""A contract of kind `objects` as the code reads it. `contracts/connector.schema.json` defines it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector.contract import Limits

type Service = Literal["azure", "gcs"]

# Where Google's objects are, whatever the bucket. "JSON API request endpoints", Google Cloud Storage.
_GOOGLE = "https://storage.googleapis.com"

_OBJECTS_PER_RUN = 100_000


@dataclass(frozen=True)
class ObjectsContract:
    """How the objects of one container are copied.

    container: of Azure a container, of Google a bucket; prefix: what the names of its objects begin with.
    endings: what they end with; all where there are none. limits: the calls are objects copied in a run.
    """

    name: str
    source: str
    service: Service
    address: str
    container: str
    prefix: str
    endings: Sequence[str]
    authentication: Mapping[str, str] | None
    limits: Limits

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> ObjectsContract:
        """Take over what the document says, and the defaults of the schema."""
        objects, limits = document["objects"], document.get("limits", {})
        return cls(
            name=document["connector"],
            source=document["source"],
            service=document["service"],
            address=document.get("address", _GOOGLE),
            container=objects["container"],
            prefix=objects.get("prefix", ""),
            endings=tuple(objects.get("endings", ())),
            authentication=document.get("authentication"),
            limits=Limits(limits.get("objectsPerRun", _OBJECTS_PER_RUN), math.inf),
        )

    def wants(self, name: str, size: int) -> bool:
        """Whether an object is copied.

        Empty ones are not: they stand for folders, or say that others are whole.
        """
        ends = not self.endings or name.endswith(tuple(self.endings))
        return size > 0 and ends and name.startswith(self.prefix)

    def key(self, name: str) -> str:
        """Key of the copy in the raw bucket."""
        return f"reviews/{self.source}/{self.name}/{name.removeprefix(self.prefix)}"

    def sentence(self, what: str, remedy: str) -> str:
        """Names the connector, what it reads, what is wrong and what to do."""
        return f'Connector {self.name}: the container "{self.container}" {what}; {remedy}.'
