"""A contract of kind `mongodb` as the code reads it; `contracts/connector.schema.json` defines it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.contract import WHOLE, Limits, Stream
from connector.cursor import Cursor

# Documents of a query, and how far behind the newest known value each run looks again: a member that is read
# may be behind the one that is written to (seconds).
_DOCUMENTS_PER_PAGE = 10_000
_OVERLAP = 600


@dataclass(frozen=True)
class MongodbContract:
    """How the documents of one collection are fetched.

    filter: which of them, as MongoDB's Extended JSON; fields: what of each, all where it is empty.
    loads_nulls: whether documents without a cursor are loaded too; else the run fails once all others are
        stored.
    counts: whether the documents are counted at the source after a run that has stored some.
    """

    name: str
    source: str
    collection: str
    filter: Mapping[str, Any]
    fields: Sequence[str]
    cursor: Cursor
    loads_nulls: bool
    counts: bool
    secret: str
    limits: Limits
    documents_per_page: int
    streams: tuple[Stream, ...] = (Stream(WHOLE, "", {}),)
    # A page begins where the last one ended, so a deletion moves no document out of sight.
    moves: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> MongodbContract:
        """Take over what the document says, and the defaults of the schema."""
        cursor = {"overlap": _OVERLAP, **document["cursor"]}
        limits = document.get("limits", {})
        return cls(
            name=document["connector"],
            source=document["source"],
            collection=document["collection"],
            filter=document.get("filter", {}),
            fields=document.get("fields", ()),
            cursor=Cursor.of({**cursor, "field": cursor["field"].split(".")}),
            loads_nulls=cursor.get("nulls") == "load",
            counts=document.get("count", True),
            secret=document["authentication"]["secret"],
            limits=Limits(limits.get("queriesPerRun", Limits.calls_per_run), math.inf),
            documents_per_page=limits.get("documentsPerPage", _DOCUMENTS_PER_PAGE),
        )

    @property
    def field(self) -> str:
        """The field of the cursor; a dot leads into it."""
        return ".".join(self.cursor.field)

    @property
    def place(self) -> str:
        """What is read, as a sentence names it."""
        return f'the collection "{self.collection}"'
