"""The flatten job: groups the clean parts, publishes each group, and merges products and reviewers."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reviews import contracts, handover, outcomes, storage, tables
from reviews.errors import JobError
from reviews.executors import Executor, InProcess, processors
from reviews.flatten import flattener, queries
from reviews.flatten.flattener import Flattener, Group
from reviews.handover import Handover, Part
from reviews.kernel import engine, sql
from reviews.manifest import Manifest
from reviews.outcomes import FileOutcome

# External tables read files of 128 to 256 MB best; the reviews take nine tenths of the clean reviews' bytes.
GROUP_BYTES = 200 << 20
# For a process that has the whole machine, and for a Spark task, which shares its machine with others.
_MEMORY_BYTES = 900 << 20
_TASK_MEMORY_BYTES = 400 << 20

PUBLISHED_TABLES = (
    "reviews",
    *queries.DIMENSIONS,
    *tables.LISTS.values(),
    *queries.OF_CRM,
    "deleted_reviews",
)
WRITTEN_TABLES = (*PUBLISHED_TABLES, "rejected_records")
"""All tables in which a batch has rows."""


def run(manifest: Manifest, executor: Executor) -> tuple[dict[int, FileOutcome], dict[str, int]]:
    """Publishes the batch; returns the outcome of its records and the rows per table.

    Raises:
        JobError: a table has another number of rows than the clean job counted.
    """
    figures = outcomes.read(manifest, outcomes.CLEAN_OUTCOME)
    batch = handover.read(manifest)
    for table in WRITTEN_TABLES:
        storage.delete_folder(manifest.table(table))
        storage.delete_folder(manifest.work(f"{flattener.PARTIAL}/{table}"))
    groups = list(_groups(batch))
    alone = isinstance(executor, InProcess)
    flatten = Flattener(
        manifest,
        batch,
        failed=frozenset(number for number, figure in figures.items() if figure.failure is not None),
        groups=len(groups),
        memory_bytes=_MEMORY_BYTES if alone else _TASK_MEMORY_BYTES,
        threads=processors() if alone else 1,
    )
    counted: Counter[str] = Counter()
    for written in executor.map(flatten, groups):
        counted += written
    if len(groups) > 1:
        counted |= _dimensions(manifest, [group.number for group in groups])
    rows = {table: counted[table] for table in WRITTEN_TABLES}
    _check(manifest, figures, counted)
    outcomes.check_balance(manifest, figures)
    outcomes.write(manifest, outcomes.OUTCOME, figures, rows)
    return figures, rows


def _groups(batch: Handover) -> Iterator[Group]:
    """Groups of parts, each large enough for files of a good size."""
    number, size = 0, 0
    pending: list[Part] = []
    for part in sorted(batch.parts, key=lambda part: (part.name, part.folder)):
        pending.append(part)
        size += part.size_bytes
        if size >= GROUP_BYTES:
            yield Group(number, tuple(pending))
            number, size, pending = number + 1, 0, []
    if pending:
        yield Group(number, tuple(pending))


def _dimensions(manifest: Manifest, groups: list[int]) -> Counter[str]:
    """Publishes products and reviewers, merged from the partial results of all groups."""
    written: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="flatten-") as temporary:
        folder = Path(temporary)
        with engine.connect(folder, memory_bytes=_MEMORY_BYTES, threads=processors()) as database:
            for table in queries.DIMENSIONS:
                uris = storage.list_folder(manifest.work(f"{flattener.PARTIAL}/{table}"))
                paths = [str(storage.download(uri, folder / table)) for uri in uris]
                if not paths:
                    continue
                newest = queries.newest(table, f"read_parquet([{sql.texts(paths)}])")
                query = queries.dimension(table, f"({newest})", manifest.ingested_at)
                path = folder / f"{table}.parquet"
                written[table] = flattener.write(database, query, path)
                if table == "products":
                    written[flattener.CATALOGUE] = flattener.catalogue_rows(database, path)
                storage.upload(path, flattener.part_uri(manifest.table(table), 0))
    return written


def _check(manifest: Manifest, figures: dict[int, FileOutcome], rows: Counter[str]) -> None:
    counted = (*tables.RECORDS, "deleted_reviews", "rejected_records", flattener.CATALOGUE)
    expected = Counter(dict.fromkeys(counted, 0))
    for file in manifest.files:
        figure = figures[file.number]
        # A file with an invalid contract has failed: none of its records is published.
        if figure.failure is None:
            source = contracts.load(file.source)
            published = source.records if source.products_of is None else flattener.CATALOGUE
            expected[published] += figure.published
            expected["deleted_reviews"] += figure.deleted
            expected["rejected_records"] += sum(figure.rejected.values())
    for table, count in expected.items():
        if rows[table] != count:
            raise JobError(
                f"batch {manifest.batch_id}: {table} holds {rows[table]} rows, the clean job counted {count}"
            )
