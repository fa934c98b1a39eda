"""Texts for the person that an alert wakes up: what happened, to what, where to look, what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transformation.results import Node

# Amazon SNS API Reference, "Publish": subjects are ASCII, shorter than 100 characters, without line breaks.
_MAX_SUBJECT_LENGTH = 99
_NODES_SHOWN = 10


@dataclass(frozen=True)
class Alert:
    """subject: one line of at most 99 ASCII characters. message: plain text of several lines."""

    subject: str
    message: str


def failed_task_alert(
    *,
    dag_id: str,
    task_id: str,
    run_id: str,
    try_number: int,
    nodes: Sequence[Node],
    log_url: str,
    artifacts_uri: str,
) -> Alert:
    """A task has failed for good.

    nodes: the nodes of dbt that failed, if dbt ran any.
    """
    first = f": {nodes[0].name}" if nodes else ""
    more = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
    tests = any(node.status == "fail" for node in nodes)
    return _alert(
        f"{task_id} failed{first}{more}",
        "The build of the warehouse failed. What dbt had not reached stays as the run before left it.",
        [
            ("What happened", f"the task {task_id} of {dag_id} failed in try {try_number}."),
            ("Run", run_id),
            *_node_lines(nodes),
            ("Look", log_url),
            ("Artifacts", f"{artifacts_uri}/"),
            (
                "Then",
                "find the rows with the test's compiled_code in run_results.json, fix them or the model; "
                "the next run builds everything that is missing. Of all_rules the log names the broken rule."
                if tests
                else "fix the cause; the next run builds everything that is missing.",
            ),
        ],
    )


def timed_out_run_alert(dag_id: str, run_id: str, artifacts_uri: str) -> Alert:
    """A run took longer than the limit."""
    return _alert(
        "A run of dbt took too long",
        "The build of the warehouse was stopped: its run took longer than the limit.",
        [
            ("What happened", f"a run of {dag_id} reached its time limit."),
            ("Run", run_id),
            ("Artifacts", f"{artifacts_uri}/"),
            (
                "Then",
                "see in Airflow what waited, and whether workers are there; the next run starts itself.",
            ),
        ],
    )


def stale_sources_alert(run_id: str, stale: Sequence[Node], log_url: str) -> Alert:
    """No rows arrived for longer than the sources' freshness allows. The build continued."""
    return _alert(
        f"No new reviews: {stale[0].name} is stale",
        "The sources are older than allowed. The warehouse was built from what is there.",
        [
            ("Stale", ", ".join(node.name for node in stale)),
            ("Run", run_id),
            ("Look", log_url),
            ("Then", "see whether files arrive in the raw bucket, and whether their executions succeed."),
        ],
    )


def _alert(subject: str, headline: str, lines: Sequence[tuple[str, str]]) -> Alert:
    message = [headline, "", *(f"{label + ':':<15}{text}" if label else text for label, text in lines)]
    return Alert(_subject(f"Reviews: {subject}"), "\n".join(message))


def _subject(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text)[:_MAX_SUBJECT_LENGTH]


def _node_lines(nodes: Sequence[Node]) -> list[tuple[str, str]]:
    shown = [
        ("", f"  {node.unique_id} ({node.status}) {node.safe_message}".rstrip())
        for node in nodes[:_NODES_SHOWN]
    ]
    more = len(nodes) - len(shown)
    return [
        ("Nodes", str(len(nodes)) if nodes else "dbt left no results: the log says more"),
        *shown,
        *([("", f"  … and {more} more, in run_results.json")] if more > 0 else []),
    ]
