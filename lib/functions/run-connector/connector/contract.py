"""A connector's contract as the code reads it. `contracts/connector.schema.json` defines and checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connector.cursor import Cursor

# Ways of paging whose lists move when a record is deleted: the next page then begins one record too late.
_MOVING = ("page", "offset")

# The one list of a connector without "each".
WHOLE = "all"


@dataclass(frozen=True)
class Limits:
    """calls_per_run: calls of one run; calls_per_second: calls in a second at most."""

    calls_per_run: int = 1_000
    calls_per_second: float = 5


@dataclass(frozen=True)
class Stream:
    """One list of records: that of a value of "each", or the only one."""

    name: str
    path: str
    added: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables of its query, beside those of all lists."""

    @property
    def folder(self) -> str:
        """Its name as one level of an object's key."""
        return quote(self.name, safe="")


@dataclass(frozen=True)
class Contract:
    """How the reviews of one service are fetched."""

    name: str
    source: str
    address: str
    streams: tuple[Stream, ...]
    query: str | None
    """Of a GraphQL API."""
    parameters: Mapping[str, Any]
    """Of every call; of a GraphQL API the query's variables."""
    records: str
    records_may_be_absent: bool
    one_record_stands_alone: bool
    success: Mapping[str, Any]
    pagination: Mapping[str, Any]
    cursor: Cursor | None
    authentication: Mapping[str, str] | None
    limits: Limits

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Contract:
        """Take over what the document says, and the defaults of the schema."""
        limits = document.get("limits", {})
        request = document["request"]
        return cls(
            name=document["connector"],
            source=document["source"],
            address=document["address"],
            streams=_streams(document),
            query="\n".join(request["query"]) if "query" in request else None,
            parameters=request.get("parameters", request.get("variables", {})),
            records=document["records"],
            records_may_be_absent=document.get("recordsMayBeAbsent", False),
            one_record_stands_alone=document.get("oneRecordStandsAlone", False),
            success=document.get("success", {}),
            pagination=document["pagination"],
            cursor=Cursor.of(document["cursor"]) if "cursor" in document else None,
            authentication=document.get("authentication"),
            limits=Limits(
                limits.get("callsPerRun", Limits.calls_per_run),
                limits.get("callsPerSecond", Limits.calls_per_second),
            ),
        )

    @property
    def moves(self) -> bool:
        """Whether a record that is deleted moves others to pages that were read already."""
        return self.pagination["type"] in _MOVING


def _streams(document: Mapping[str, Any]) -> tuple[Stream, ...]:
    path = document["request"]["path"]
    each = document.get("each")
    if each is None:
        return (Stream(WHOLE, path, {}),)
    return tuple(
        Stream(
            value,
            path.replace("{each}", quote(value, safe="/")),
            {each["field"]: value} if "field" in each else {},
            {each["variable"]: value} if "variable" in each else {},
        )
        for value in each["values"]
    )
