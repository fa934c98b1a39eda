"""Cleans one unit of work: its records pass through the kernel into Parquet files of the work area."""

from __future__ import annotations

import contextlib
import gc
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from reviews import contracts, handover, storage, tables
from reviews.clean.units import Block, Split, Unit
from reviews.contracts import Source
from reviews.errors import JobError
from reviews.handover import POSITION
from reviews.kernel import engine, plan, sql
from reviews.kernel.kernel import DELETED, PUBLISHED, Chunk, FirstRejected, Kernel, keep_first
from reviews.manifest import Manifest
from reviews.splitter.pieces import Begin, Piece

# Limits the memory of parsed records, which is about ten times the size of their text.
_CHUNK_BYTES = 16 << 20
_CHUNK_RECORDS = 20_000
# A file that one process reads whole can have any size: a Parquet file ends after this much text.
_PART_BYTES = 128 << 20
MEMORY_BYTES = 320 << 20
_PARQUET = engine.parquet_options(level=1, row_group_rows=20_480)

# Errors that do not depend on a file's content: the job fails, and the whole batch can be run again.
_ENVIRONMENT = (OSError, MemoryError, JobError, duckdb.IOException, duckdb.OutOfMemoryException)


@dataclass
class Outcome:
    """The result of a unit's records."""

    splits: list[handover.Split] = field(default_factory=list)
    published: Counter[int] = field(default_factory=Counter)
    """Records that can be published, by file number, including duplicates."""
    deleted: Counter[int] = field(default_factory=Counter)
    """Deletions, by file number."""
    rejected: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Records by file number and first reason."""
    first_rejected: dict[tuple[int, str], FirstRejected] = field(default_factory=dict)
    """The first rejected record, by file number and first reason."""
    parts: list[handover.Part] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)
    """File number → why the file could not be processed at all."""

    def add(self, other: Outcome) -> None:
        self.splits += other.splits
        self.published += other.published
        self.deleted += other.deleted
        self.rejected += other.rejected
        keep_first(self.first_rejected, other.first_rejected)
        self.parts += other.parts
        self.failures |= other.failures


@dataclass(frozen=True)
class Cleaner:
    """Cleans units of one batch, in any process that it is sent to."""

    manifest: Manifest
    """Without its files, because the units name them."""
    memory_bytes: int
    """Memory limit of the engine in one process; the rest spills to disk."""

    def __call__(self, unit: Unit) -> Outcome:
        """Cleans the unit; if a file makes the kernel fail, only that file fails."""
        try:
            return self._clean(f"{unit.number:05d}", unit.splits)
        except _ENVIRONMENT:
            raise
        except Exception as error:
            by_file: dict[int, list[Split | Block]] = {}
            for split in unit.splits:
                by_file.setdefault(split.file.number, []).append(split)
            if len(by_file) == 1:
                return Outcome(failures={next(iter(by_file)): described(error)})
            outcome = Outcome()
            for number, splits in by_file.items():
                try:
                    outcome.add(self._clean(f"{unit.number:05d}-{number}", splits))
                except _ENVIRONMENT:
                    raise
                except Exception as one:
                    outcome.failures[number] = described(one)
            return outcome

    def _clean(self, name: str, splits: tuple[Split | Block, ...] | list[Split | Block]) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="clean-") as temporary, _without_collector():
            folder = Path(temporary)
            with engine.connect(folder, memory_bytes=self.memory_bytes, threads=1) as database:
                run = _Run(self.manifest, database, name, folder)
                for split in splits:
                    run.read(split)
                return run.finish()


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Parsed records have no reference cycles; a search for cycles took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Run:
    def __init__(
        self, manifest: Manifest, database: duckdb.DuckDBPyConnection, name: str, folder: Path
    ) -> None:
        self._manifest = manifest
        self._database = database
        self._name = name
        self._folder = folder
        self._kernel = Kernel(database, manifest.ingested_at)
        self._chunks: dict[str, Chunk] = {}
        self._outcome = Outcome()
        self._size = 0
        self._files: list[tuple[str, str, Path]] = []

    def read(self, split: Split | Block) -> None:
        source = contracts.load(split.file.source)
        names_count = bool(plan.file_name_patterns(source))
        file, start, number, member = split.file, split.start, 0, None
        for found in split.pieces(source):
            chunk = self._chunks.setdefault(source.name, Chunk())
            if isinstance(found, Begin):
                if member is not None:
                    self._outcome.splits.append(handover.Split(file.number, start, number, member))
                    start, number = start + 1, 0
                member = found.member
                if names_count:
                    # For records of an archive, file-name patterns also apply to the member's name.
                    if chunk.records:
                        self._clean(source)
                    file = replace(split.file, key=f"{split.file.key}/{member}")
                continue
            if isinstance(found, Piece):
                chunk.add_piece(file, start, number + 1, found)
                number += 1
            else:
                chunk.add(file, start, number + 1, found)
                number += len(found)
            if chunk.size >= _CHUNK_BYTES or len(chunk.records) >= _CHUNK_RECORDS:
                self._clean(source)
        self._outcome.splits.append(handover.Split(file.number, start, number, member))

    def _clean(self, source: Source) -> None:
        chunk = self._chunks.pop(source.name)
        self._kernel.clean(source, chunk)
        self._size += chunk.size
        if self._size >= _PART_BYTES:
            self._write()

    def finish(self) -> Outcome:
        for name in list(self._chunks):
            self._clean(contracts.load(name))
        self._write()
        # Uploaded only now, after success: a unit that fails leaves no files behind.
        for folder, name, path in self._files:
            if folder != handover.KEYS:
                self._outcome.parts.append(handover.Part(folder, name, path.stat().st_size))
            storage.upload(path, handover.uri(self._manifest, folder, name))
        return self._outcome

    def _write(self) -> None:
        """Writes the rows of the tables, and empties the tables."""
        name = f"{self._name}-{len(self._files):03d}"
        position = ", ".join(POSITION)
        for records, table in PUBLISHED.items():
            if counted := self._counted(table):
                folder = handover.CLEAN_FOLDERS[records]
                self._outcome.published.update(counted)
                self._copy(f"from {table}", folder, name)
                key = f"unhex({tables.key(records)}) as record_key"
                self._copy(f"select {key}, as_of, {position} from {table}", handover.KEYS, f"{name}-{folder}")
        if counted := self._counted(DELETED):
            self._outcome.deleted.update(counted)
            self._copy(f"from {DELETED}", handover.DELETED, name)
        if self._kernel.rejected:
            self._outcome.rejected += self._kernel.rejected
            keep_first(self._outcome.first_rejected, self._kernel.first_rejected)
            self._copy("from rejected", handover.REJECTED, name)
        self._kernel.clear()
        self._size = 0

    def _counted(self, table: str) -> dict[int, int]:
        """Number of rows in the table, by file number."""
        return dict(self._database.execute(f"select file_no, count(*) from {table} group by all").fetchall())

    def _copy(self, query: str, folder: str, name: str) -> None:
        path = self._folder / f"{folder}-{name}.parquet"
        self._database.execute(f"copy ({query}) to {sql.text(str(path))} ({_PARQUET})")
        self._files.append((folder, name, path))


def described(error: Exception) -> str:
    """The error's type and its place in the pipeline, without its text, which may quote a record."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "reviews" in Path(frame.filename).parts
    ]
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
