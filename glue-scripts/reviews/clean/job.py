"""The clean job: plans the work, cleans every unit, finds duplicates, and accounts for every record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from reviews import contracts, handover, outcomes, storage
from reviews.clean import cleaner, duplicates, units
from reviews.clean.cleaner import Cleaner, Outcome
from reviews.contracts import Source
from reviews.errors import ContractError, JobError
from reviews.executors import Executor
from reviews.manifest import Manifest, SourceFile
from reviews.outcomes import FileOutcome


def run(manifest: Manifest, executor: Executor) -> dict[int, FileOutcome]:
    """Cleans the batch; returns the outcome of its records, by file number.

    Raises:
        JobError: a record is not accounted for, or no file of the batch could be processed.
    """
    for name in (*handover.CLEAN_FOLDERS.values(), handover.REJECTED, handover.DELETED, handover.KEYS):
        storage.delete_folder(manifest.work(name))
    sources, failures = _sources(manifest.files)
    readable = [file for file in manifest.files if file.source in sources]
    found = Outcome(failures=failures)
    work = units.plan(readable, sources, stream=executor.shares_memory)
    clean = Cleaner(replace(manifest, files=()), cleaner.MEMORY_BYTES)
    for outcome in executor.map(clean, work):
        found.add(outcome)
    if manifest.files and len(found.failures) == len(manifest.files):
        number, why = next(iter(sorted(found.failures.items())))
        raise JobError(
            f"no file of the batch could be worked on; file {manifest.files[number].file_id}: {why}"
        )
    clean_folders = handover.CLEAN_FOLDERS.values()
    keys = sorted(f"{part.name}-{part.folder}" for part in found.parts if part.folder in clean_folders)
    deletions = sorted(part.name for part in found.parts if part.folder == handover.DELETED)
    repeated = duplicates.find(manifest, keys, deletions, found.failures)
    handed = handover.Handover(
        tuple(found.parts), tuple(found.splits), bool(repeated.superseded), repeated.outlived
    )
    figures = _figures(manifest, found, repeated.superseded, handed.offsets())
    outcomes.check_balance(manifest, figures)
    handover.write(manifest, handed)
    outcomes.write(manifest, outcomes.CLEAN_OUTCOME, figures, rows=None)
    return figures


def _sources(files: Iterable[SourceFile]) -> tuple[dict[str, Source], dict[int, str]]:
    """The contracts by source, and the files with an invalid contract, with the reason."""
    found: dict[str, Source] = {}
    failures: dict[int, str] = {}
    for file in files:
        try:
            found[file.source] = contracts.load(file.source)
        except ContractError as error:
            failures[file.number] = str(error)
    return found, failures


def _figures(
    manifest: Manifest, found: Outcome, superseded: Counter[int], offsets: dict[tuple[int, int], int]
) -> dict[int, FileOutcome]:
    read: Counter[int] = Counter()
    for split in found.splits:
        read[split.file_no] += split.records
    members: dict[int, list[dict[str, Any]]] = {}
    for split in sorted(found.splits, key=lambda split: (split.file_no, split.start)):
        if split.member is not None:
            entry = {"member": split.member, "recordsRead": split.records}
            members.setdefault(split.file_no, []).append(entry)
    figures = {}
    for file in manifest.files:
        if failure := found.failures.get(file.number):
            figures[file.number] = FileOutcome(failure=failure)
            continue
        twice = superseded[file.number]
        rejected = {
            reason: found.rejected[file.number, reason]
            for reason in outcomes.record_reasons()
            if (file.number, reason) in found.rejected
        }
        figures[file.number] = FileOutcome(
            read=read[file.number],
            published=found.published[file.number] - twice,
            duplicates=twice,
            deleted=found.deleted[file.number],
            rejected=rejected,
            members=members.get(file.number, []),
            first_rejected={
                reason: outcomes.FirstRejected(
                    first.number + offsets[file.number, first.split_start], first.detail
                )
                for reason in rejected
                for first in [found.first_rejected[file.number, reason]]
            },
        )
    return figures


def summary(manifest: Manifest, figures: dict[int, FileOutcome]) -> dict[str, object]:
    """The batch's figures for the log."""
    return {
        "batch": manifest.batch_id,
        "files": len(manifest.files),
        "failed": sum(f.failure is not None for f in figures.values()),
        "read": sum(f.read for f in figures.values()),
        "published": sum(f.published for f in figures.values()),
        "duplicates": sum(f.duplicates for f in figures.values()),
        "deleted": sum(f.deleted for f in figures.values()),
        "rejected": sum(sum(f.rejected.values()) for f in figures.values()),
    }
