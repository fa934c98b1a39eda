"""The outcome of every record: the reasons of contracts/outcomes.json and the figures for the ledger."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import Any

from reviews import storage, tables
from reviews.errors import JobError
from reviews.manifest import Manifest

CLEAN_OUTCOME = "clean-outcome.json"
OUTCOME = "outcome.json"


@functools.cache
def record_reasons() -> tuple[str, ...]:
    """Every reason to reject a record; the first that applies counts."""
    return tuple(json.loads(tables.read_contract("outcomes.json"))["recordReasons"])


@dataclass(frozen=True)
class FirstRejected:
    """The first record of a file that was rejected for a reason."""

    record: int
    """Its number in the file, from 1."""
    detail: str | None
    """What was looked for and found, without any value; None if the record could not be read."""


@dataclass
class FileOutcome:
    """The counts of the records of one file."""

    read: int = 0
    published: int = 0
    duplicates: int = 0
    deleted: int = 0
    """Records that report a deleted review; each is a row of `deleted_reviews`."""
    rejected: dict[str, int] = field(default_factory=dict)
    first_rejected: dict[str, FirstRejected] = field(default_factory=dict)
    """By reason, as in `rejected`."""
    members: list[dict[str, Any]] = field(default_factory=list)
    """For an archive: `member` and `recordsRead` of each member, in the order of the record numbers."""
    failure: str | None = None
    """Why the jobs could not process the file; then none of its records is read or published."""

    @property
    def accounted(self) -> int:
        return self.published + self.duplicates + self.deleted + sum(self.rejected.values())


def status(outcome: FileOutcome) -> str:
    """The file's final status, from its figures (`decisions` of contracts/outcomes.json)."""
    document = json.loads(tables.read_contract("outcomes.json"))
    reasons = document["recordReasons"]
    facts = {
        "failed": outcome.failure is not None,
        "anyRead": outcome.read > 0,
        "anyPublished": outcome.published + outcome.duplicates + outcome.deleted > 0,
        "anyReadable": any(count and reasons[name]["readable"] for name, count in outcome.rejected.items()),
    }
    return next(str(d["status"]) for d in document["decisions"] if d["when"].items() <= facts.items())


def check_balance(manifest: Manifest, outcomes: dict[int, FileOutcome]) -> None:
    """Checks that every record read is published, a duplicate, a deletion or rejected; `outcomes` is by file
    number.

    Raises:
        JobError: the figures of a file do not add up; the text names the first such file and its figures.
    """
    for file in manifest.files:
        outcome = outcomes[file.number]
        if outcome.read != outcome.accounted:
            raise JobError(
                f"file {file.file_id}: {outcome.read} records read, but {outcome.accounted} accounted for "
                f"(published {outcome.published}, duplicates {outcome.duplicates}, "
                f"deleted {outcome.deleted}, rejected {outcome.rejected}); "
                "nothing of the batch is published, run it again or report the file"
            )


def write(
    manifest: Manifest, name: str, outcomes: dict[int, FileOutcome], rows: dict[str, int] | None
) -> None:
    """Writes the figures to the work area; `rows` is the number of rows per published table."""
    document: dict[str, Any] = {
        "batchId": manifest.batch_id,
        "files": [_entry(file.file_id, outcomes[file.number]) for file in manifest.files],
    }
    if rows is not None:
        document["tables"] = rows
    storage.write_text(manifest.work(name), json.dumps(document, indent=1))


def _entry(file_id: str, outcome: FileOutcome) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "fileId": file_id,
        "recordsRead": outcome.read,
        "published": outcome.published,
        "duplicates": outcome.duplicates,
        "rejected": outcome.rejected,
    }
    if outcome.deleted:
        entry["deleted"] = outcome.deleted
    if outcome.first_rejected:
        entry["firstRejected"] = {
            reason: {"record": first.record} | ({} if first.detail is None else {"detail": first.detail})
            for reason, first in outcome.first_rejected.items()
        }
    if outcome.members:
        entry["members"] = outcome.members
    return entry if outcome.failure is None else entry | {"failure": outcome.failure}


def read(manifest: Manifest, name: str) -> dict[int, FileOutcome]:
    document = json.loads(storage.read_text(manifest.work(name)))
    entries = {entry["fileId"]: entry for entry in document["files"]}
    return {file.number: _outcome(entries[file.file_id]) for file in manifest.files}


def _outcome(entry: dict[str, Any]) -> FileOutcome:
    counts = (
        entry["recordsRead"],
        entry["published"],
        entry["duplicates"],
        entry.get("deleted", 0),
        entry["rejected"],
    )
    first = {
        reason: FirstRejected(found["record"], found.get("detail"))
        for reason, found in entry.get("firstRejected", {}).items()
    }
    return FileOutcome(
        *counts,
        first_rejected=first,
        members=entry.get("members", []),
        failure=entry.get("failure"),
    )
