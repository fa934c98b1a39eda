"""A contract of kind `sql` as the code reads it. `contracts/connector.schema.json` defines and checks it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector.contract import WHOLE, Limits, Stream
from connector.cursor import Cursor

type Engine = Literal["postgresql", "mysql"]

# Rows of a query, and how far behind the newest known value each run looks again: a transaction that began
# before the last run may have been committed after it (seconds).
_ROWS_PER_PAGE = 10_000
_OVERLAP = 600


@dataclass(frozen=True)
class SqlContract:
    """How the rows of one table, or of one query, are fetched.

    json: columns that hold JSON as text.
    key: columns that tell apart rows with the same cursor.
    loads_nulls: whether rows without a cursor are loaded too; else the run fails once the others are stored.
    counts: whether the rows are counted at the source after a run that has stored some.
    """

    name: str
    source: str
    engine: Engine
    table: str | None
    query: str | None
    columns: Sequence[str]
    json: frozenset[str]
    key: Sequence[str]
    cursor: Cursor
    loads_nulls: bool
    counts: bool
    secret: str
    limits: Limits
    rows_per_page: int
    streams: tuple[Stream, ...] = (Stream(WHOLE, "", {}),)
    # A page begins where the last one ended, so a deletion moves no row out of sight.
    moves: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> SqlContract:
        """Take over what the document says, and the defaults of the schema."""
        cursor = {"overlap": _OVERLAP, **document["cursor"]}
        rows, limits = document["rows"], document.get("limits", {})
        return cls(
            name=document["connector"],
            source=document["source"],
            engine=document["engine"],
            table=rows.get("table"),
            query=rows.get("query"),
            columns=rows.get("columns", ()),
            json=frozenset(document.get("json", ())),
            key=document.get("key", ()),
            cursor=Cursor.of({**cursor, "field": [cursor["column"]]}),
            loads_nulls=cursor.get("nulls") == "load",
            counts=document.get("count", True),
            secret=document["authentication"]["secret"],
            limits=Limits(limits.get("queriesPerRun", Limits.calls_per_run), math.inf),
            rows_per_page=limits.get("rowsPerPage", _ROWS_PER_PAGE),
        )

    @property
    def column(self) -> str:
        """The column of the cursor."""
        return self.cursor.field[0]

    @property
    def place(self) -> str:
        """What is read, as a sentence names it."""
        return f'the table "{self.table}"' if self.table else "the query"
