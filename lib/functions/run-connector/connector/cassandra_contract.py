"""A contract of kind `cassandra` as the code reads it. `contracts/connector.schema.json` defines it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.contract import WHOLE, Limits, Stream
from connector.cursor import Cursor

# Rows of a page, and how far behind the newest known value each run looks again: a write may reach a replica,
# or come with an older value, after the last run (seconds).
_ROWS_PER_PAGE = 1_000
_OVERLAP = 600


@dataclass(frozen=True)
class CassandraContract:
    """How the rows of one table are fetched.

    columns: those that are wanted; all where there are none.
    indexed: whether the table has an index by which a later run asks only for new rows; else it reads all.
    """

    name: str
    source: str
    keyspace: str
    table: str
    columns: Sequence[str]
    cursor: Cursor
    indexed: bool
    secret: str
    limits: Limits
    rows_per_page: int
    streams: tuple[Stream, ...] = (Stream(WHOLE, "", {}),)
    # Pages follow the order of the partitions' tokens, so a deletion moves no row out of sight.
    moves: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> CassandraContract:
        """Take over what the document says, and the defaults of the schema."""
        cursor = {"overlap": _OVERLAP, **document["cursor"]}
        limits = document.get("limits", {})
        return cls(
            name=document["connector"],
            source=document["source"],
            keyspace=document["keyspace"],
            table=document["table"],
            columns=document.get("columns", ()),
            cursor=Cursor.of({**cursor, "field": [cursor["column"]]}),
            indexed=cursor.get("indexed", False),
            secret=document["authentication"]["secret"],
            limits=Limits(limits.get("pagesPerRun", Limits.calls_per_run), math.inf),
            rows_per_page=limits.get("rowsPerPage", _ROWS_PER_PAGE),
        )

    @property
    def column(self) -> str:
        """The column of the cursor."""
        return self.cursor.field[0]

    @property
    def place(self) -> str:
        """What is read, as a sentence names it."""
        return f'the table "{self.keyspace}.{self.table}"'
