"""What dbt says about its nodes in `run_results.json` and `sources.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FAILED = ("error", "fail", "runtime error", "partial success")

_CLOSED_BY = {'"': '"', "'": "'", "`": "`", "[": "]", "{": "}"}
_QUOTE = re.compile(r"""["'`\[\]{}]""")
_MAX_MESSAGE_LENGTH = 200


@dataclass(frozen=True)
class Node:
    """A node of dbt's project and its result.

    message: dbt's own, which may quote data. failures: rows that a test found.
    """

    unique_id: str
    status: str
    message: str
    failures: int | None = None

    @property
    def name(self) -> str:
        """Its name as dbt prints it: `product_daily`, `unique_key_fct_reviews`; of a source `raw.reviews`."""
        kind, _, name, *more = self.unique_id.split(".")
        return ".".join([name, *more]) if kind == "source" else name

    @property
    def safe_message(self) -> str:
        """The message on one line, without anything it quotes, of at most 200 characters."""
        words = " ".join(_without_quoted(self.message).split())
        return words if len(words) <= _MAX_MESSAGE_LENGTH else f"{words[: _MAX_MESSAGE_LENGTH - 1]}…"


@dataclass(frozen=True)
class Arrivals:
    """How long the files of a source took from their arrival until they could be queried (seconds)."""

    source: str
    files: int
    sum: float
    minimum: float
    maximum: float


ARRIVALS = "arrival_to_queryable "
"""How the line begins by which the project tells them (dbt/macros/record_results.sql)."""


def arrivals_of(lines: Sequence[str]) -> list[Arrivals]:
    """What a run of dbt reports of the files that it was the first to count."""
    told = [line.removeprefix(ARRIVALS) for line in lines if line.startswith(ARRIVALS)]
    return [Arrivals(**of) for line in told for of in json.loads(line)]


_BROKEN_RULE = "broken rule: "
"""How the line begins by which the project names one (dbt/macros/tell_broken_rules.sql)."""


def broken_rules_of(lines: Sequence[str]) -> list[str]:
    """Which rules of a model its rows break, of all that one test asks: name and number of rows."""
    return [line.removeprefix(_BROKEN_RULE) for line in lines if line.startswith(_BROKEN_RULE)]


def nodes_of(text: str) -> list[Node]:
    """Every node of a results file, given its content."""
    results: list[dict[str, Any]] = json.loads(text)["results"]
    return [
        Node(
            result["unique_id"],
            result["status"],
            result.get("message") or result.get("error") or "",
            result.get("failures"),
        )
        for result in results
    ]


def failed(nodes: Sequence[Node]) -> list[Node]:
    """Those that did not end as they should."""
    return [node for node in nodes if node.status in _FAILED]


def failed_tests(nodes: Sequence[Node]) -> list[Node]:
    """Tests that ran and found what must not be."""
    return [node for node in nodes if node.status == "fail"]


def late_batches(nodes: Sequence[Node]) -> int | None:
    """How many batches are LATE, by the test that counts them; None where it did not run."""
    counted = [node.failures for node in nodes if node.name == "no_batch_is_late"]
    return counted[0] if counted else None


def _without_quoted(message: str) -> str:
    """Databases quote rows: from the first quote or bracket to the last may be a reviewer's words.

    What comes after the last is kept where that closes the first: else the words themselves were cut off.
    """
    opening = re.search(r"""["'`\[{]""", message)
    if not opening:
        return message
    before, _, quoted = message.partition(opening[0])
    _, closing, after = quoted.rpartition(_CLOSED_BY[opening[0]])
    return f"{before}…{after}" if closing and not _QUOTE.search(after) else f"{before}…"
