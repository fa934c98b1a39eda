"""The compaction: finds what is due, writes and announces the files, and later removes the replaced files.

A reader sees every row exactly once at any time. Until a compaction is announced, readers ignore its files.
After that, a reader may read them instead of the batches' own files, which stay for the grace period.
After an interruption at any point, the next run starts again and overwrites or removes unannounced files.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from reviews import job, storage
from reviews.compact import merge, published
from reviews.compact.merge import Folder
from reviews.compact.published import COMPACTIONS, SUFFIX, TABLES, Compaction, Day
from reviews.errors import JobError


@dataclass(frozen=True)
class Rules:
    """When to compact batches and when to remove replaced files."""

    minimum_batches: int
    """The least number of small batches of an ingest date that justifies a compaction."""
    grace: timedelta
    """How long replaced files stay after the announcement, so that readers can switch to the new ones."""
    today: bool = False
    """Whether to compact the batches of today, too, although more of them may follow."""


@dataclass
class Report:
    """What a run has done, or would do if `planned` is true."""

    planned: bool
    compactions: list[dict[str, Any]] = field(default_factory=list)
    removed_files: int = 0
    removed_bytes: int = 0
    left: list[dict[str, str]] = field(default_factory=list)
    """Batches that keep their files, because their rows do not match their outcome."""

    def document(self) -> dict[str, Any]:
        return {
            "planned": self.planned,
            "compactions": self.compactions,
            "removed": {"files": self.removed_files, "bytes": self.removed_bytes},
            "left": self.left,
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", required=True, help="URI of the published tables")
    parser.add_argument("--minimum-batches", type=int, required=True)
    parser.add_argument("--grace-hours", type=float, required=True)
    parser.add_argument("--report", required=True, help="URI of the JSON document that says what was done")
    parser.add_argument("--mode", choices=("compact", "plan"), default="compact")
    parser.add_argument("--days", choices=("past", "all"), default="past", help="all: today, too")
    arguments, _ = parser.parse_known_args()  # Glue adds its own arguments
    rules = Rules(
        arguments.minimum_batches, timedelta(hours=arguments.grace_hours), today=arguments.days == "all"
    )
    report = run(arguments.tables, rules, datetime.now(UTC), plan=arguments.mode == "plan")
    storage.write_text(arguments.report, json.dumps(report.document()))
    job.log("compact tables finished", **report.document())
    if report.left:
        first = report.left[0]
        raise JobError(
            f"{len(report.left)} batches keep their small files, the first {first['batchId']}: "
            f"{first['why']}. All others are compacted. Next: npm run reviews -- reconcile"
        )


def run(tables_uri: str, rules: Rules, now: datetime, *, plan: bool = False) -> Report:
    """Compacts every ingest date that is due; with `plan`, only reports what it would do.

    Raises:
        JobError: files do not match their compaction's announcement, or written rows the rows that were read.
    """
    report = Report(plan)
    for day in published.days(tables_uri):
        if not plan:
            _remove_unannounced(day)
        if rules.today or day.ingest_date < f"{now:%Y-%m-%d}":
            _compact(day, rules, now, report)
        _remove_replaced(day, rules, now, report)
    return report


def _compact(day: Day, rules: Rules, now: datetime, report: Report) -> None:
    started = time.monotonic()
    folders = _due(day, rules)
    if not folders:
        return
    if report.planned:
        report.compactions.append(_figures(day, folders))
        return
    with tempfile.TemporaryDirectory(prefix="compact-") as temporary:
        fetched = merge.fetch(day, folders, Path(temporary))
        report.left += [{"batchId": one, "why": why} for one, why in sorted(fetched.left.items())]
        folders = [folder for folder in folders if folder.id not in fetched.left]
        if not _worth(folders, rules):
            return
        compaction = Compaction(
            _id(day, folders), now, {batch: rows for folder in folders for batch, rows in folder.rows.items()}
        )
        merge.merge(day, compaction.id, folders, fetched.paths)
    published.announce(day, compaction)
    report.compactions.append(
        _figures(day, folders)
        | {
            "compactionId": compaction.id,
            **_sizes_after(day, compaction.id),
            "rows": {table: compaction.total(table) for table in TABLES},
            "seconds": round(time.monotonic() - started, 1),
        }
    )


def _due(day: Day, rules: Rules) -> list[Folder]:
    """The folders of small batches, if there are enough, and of compactions with rows of replaced batches."""
    holders = day.holders
    small = [
        batch
        for batch, files in day.files.items()
        if not batch.endswith(SUFFIX)
        and batch not in holders
        and batch not in day.withdrawn
        and all(file.size_bytes < merge.SMALL_BYTES for of_table in files.values() for file in of_table)
    ]
    stale = {
        holder.id: holder
        for batch, holder in holders.items()
        if batch in day.withdrawn and any(holder.rows[batch].values())
    }
    folders = [
        Folder(
            holder.id,
            {
                batch: {} if batch in day.withdrawn else rows
                for batch, rows in holder.rows.items()
                if holders[batch] is holder
            },
            {table: holder.total(table) for table in TABLES},
        )
        for holder in stale.values()
    ]
    if len(small) >= rules.minimum_batches or folders:
        told = published.outcomes(day, small)
        folders += [Folder(batch, {batch: rows}, rows) for batch, rows in sorted(told.items())]
    return folders if _worth(folders, rules) else []


def _worth(folders: list[Folder], rules: Rules) -> bool:
    return len(folders) >= rules.minimum_batches or any(folder.id.endswith(SUFFIX) for folder in folders)


def _id(day: Day, folders: Iterable[Folder]) -> str:
    """An id that depends only on the rows, so that a run after an interruption writes to the same places."""
    parts = [f"{batch} {bool(rows)}" for folder in folders for batch, rows in folder.rows.items()]
    digest = sha256("\n".join(sorted(parts)).encode()).hexdigest()[:8]
    return f"{day.ingest_date.replace('-', '')}T000000Z-{digest}{SUFFIX}"


def _figures(day: Day, folders: list[Folder]) -> dict[str, Any]:
    files, size = day.sizes(folder.id for folder in folders)
    batches = sum(len(folder.rows) for folder in folders)
    return {"ingestDate": day.ingest_date, "batches": batches, "filesBefore": files, "bytesBefore": size}


def _sizes_after(day: Day, compaction_id: str) -> dict[str, int]:
    written = [
        stored for table in TABLES for stored in storage.list_objects(day.folder(table, compaction_id))
    ]
    return {"filesAfter": len(written), "bytesAfter": sum(stored.size_bytes for stored in written)}


def _remove_unannounced(day: Day) -> None:
    """Removes the files that an interrupted run has written: readers ignore them."""
    announced = {compaction.id for compaction in day.compactions}
    for folder_id in day.files:
        if folder_id.endswith(SUFFIX) and folder_id not in announced:
            for table in TABLES:
                storage.delete_folder(day.folder(table, folder_id))


def _remove_replaced(day: Day, rules: Rules, now: datetime, report: Report) -> None:
    """Removes files that were replaced longer ago than the grace period, after a check of the new files."""
    holders = {batch: holder for batch, holder in day.holders.items() if holder.at + rules.grace <= now}
    replaced = [batch for batch in day.files if batch in holders]
    superseded = [
        compaction.id
        for compaction in day.compactions
        if all(holders.get(batch, compaction) is not compaction for batch in compaction.rows)
    ]
    files, size = day.sizes([*replaced, *superseded])
    report.removed_files += files
    report.removed_bytes += size
    if report.planned:
        return
    for holder in {holders[batch].id: holders[batch] for batch in replaced}.values():
        _prove(day, holder)
    for folder_id in [*replaced, *superseded]:
        for table in day.files.get(folder_id, {}):
            storage.delete_folder(day.folder(table, folder_id))
    # The announcement goes last: it lets the next run finish an interrupted removal.
    for folder_id in superseded:
        storage.delete_folder(day.folder(COMPACTIONS, folder_id))
    for batch in day.withdrawn:
        if batch not in day.holders or not any(day.holders[batch].rows[batch].values()):
            storage.delete_folder(day.folder(COMPACTIONS, batch))


def _prove(day: Day, compaction: Compaction) -> None:
    """Reads the footers of the files that will remain: an announcement alone does not allow a removal."""
    everything = replace(day, files={compaction.id: day.files.get(compaction.id, {})})
    total = {table: compaction.total(table) for table in TABLES}
    with tempfile.TemporaryDirectory(prefix="compact-") as temporary:
        fetched = merge.fetch(everything, [Folder(compaction.id, {}, total)], Path(temporary))
    if fetched.left:
        raise JobError(
            f"compaction {compaction.id} of {day.ingest_date} is damaged: {fetched.left[compaction.id]}. "
            f"The batches' own files stay. Delete {day.folder(COMPACTIONS, compaction.id)}/, "
            "and the next run compacts them again"
        )
