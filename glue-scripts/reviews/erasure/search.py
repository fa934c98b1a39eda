"""Finds one reviewer's records in a file, with the jobs' own splitter and kernel."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from reviews import contracts
from reviews.clean.cleaner import MEMORY_BYTES
from reviews.clean.units import BLOCK_BYTES, Split
from reviews.errors import JobError
from reviews.kernel import engine
from reviews.kernel.kernel import Chunk, Kernel
from reviews.manifest import SourceFile
from reviews.splitter.pieces import Begin, Piece

_CHUNK_RECORDS = 20_000


@dataclass
class Found:
    """The records of a file, and which of them belong to the reviewer."""

    records: int = 0
    own: list[int] = field(default_factory=list)
    """Numbers of the reviewer's records in the file, from 0."""
    damaged: int = 0
    """How many of them name the reviewer in their text, but not where the contract expects it."""
    unread: int = 0
    """Records that could be searched only in part or not at all: too large, or not unpacked."""
    others: int = 0
    """Number of records that stay, without the entry that reports a cut-off file."""
    digest: str = ""
    """SHA-256 of the records that stay, in order."""


def search(file: SourceFile, reviewer_id: str) -> Found:
    """Reads the file as the clean job does.

    Raises:
        JobError: the file's contract names no reviewer or customer.
    """
    source = contracts.load(file.source)
    person = source.person
    if person not in source.fields:
        raise JobError(
            f"the contract {source.name} names no {person.removesuffix('_id')}: "
            f"{person} is not among its fields"
        )
    found, digest = Found(), hashlib.sha256()
    named = _named(reviewer_id)
    with (
        tempfile.TemporaryDirectory(prefix="erasure-") as folder,
        engine.connect(Path(folder), memory_bytes=MEMORY_BYTES, threads=1) as database,
    ):
        kernel = Kernel(database, datetime.now(UTC))
        for pieces, chunk in _chunks(file):
            kernel.clean(source, chunk)
            own = set(kernel.of_person(person, reviewer_id))
            damaged = {place for place in kernel.of_nobody(person) if named.search(pieces[place].data)}
            kernel.clear()
            found.damaged += len(damaged)
            for place, piece in enumerate(pieces):
                if place in own or place in damaged:
                    found.own.append(found.records + place)
                    continue
                if piece.size > len(piece.data) or piece.problem == "NOT_UNPACKED":
                    found.unread += 1
                if piece.size > 0:
                    found.others += 1
                    digest.update(f"{piece.problem} {piece.size}\n".encode() + piece.data)
            found.records += len(pieces)
    found.digest = digest.hexdigest()
    return found


def _named(reviewer_id: str) -> re.Pattern[bytes]:
    """A pattern that finds the id as a separate word, plain or escaped as in JSON."""
    forms = {reviewer_id, json.dumps(reviewer_id)[1:-1]}
    either = b"|".join(re.escape(form.encode("utf-8", "surrogatepass")) for form in sorted(forms))
    return re.compile(rb"(?<![\w-])(?:" + either + rb")(?![\w-])")


def _chunks(file: SourceFile) -> Iterator[tuple[list[Piece], Chunk]]:
    """The records as single pieces, and as the kernel's chunks."""
    pieces: list[Piece] = []
    chunk = Chunk()
    for found in Split(file).pieces(contracts.load(file.source)):
        if isinstance(found, Begin):
            if pieces:
                yield pieces, chunk
                pieces, chunk = [], Chunk()
            # For records of an archive, file-name patterns also apply to the member's name.
            file = replace(file, key=f"{file.key}/{found.member}")
            continue
        for piece in [found] if isinstance(found, Piece) else [Piece(data, len(data)) for data in found]:
            chunk.add_piece(file, 0, len(pieces) + 1, piece)
            pieces.append(piece)
        if chunk.size >= BLOCK_BYTES or len(pieces) >= _CHUNK_RECORDS:
            yield pieces, chunk
            pieces, chunk = [], Chunk()
    if pieces:
        yield pieces, chunk
