"""Divides a batch's files into units of work of limited size, one process per unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviews import storage
from reviews.contracts import Source
from reviews.manifest import SourceFile
from reviews.splitter import task
from reviews.splitter.pieces import Begin, Piece, Pieces

# Large enough that the start of a unit costs little, small enough for the memory and an even distribution.
UNIT_BYTES = 32 << 20
# How much one process can pass to another at a time, as a separate unit.
BLOCK_BYTES = 16 << 20


@dataclass(frozen=True)
class Split:
    """A part of a file, read by the process that cleans it: the lines that begin in this byte range, or the
    whole file."""

    file: SourceFile
    start: int = 0
    end: int | None = None
    """None: the splitter reads the whole file."""

    def pieces(self, source: Source) -> Iterator[Pieces | Begin]:
        """The records, in order."""
        request = task.request(self.file, source)
        if self.end is None:
            return task.split(request, storage.read_chunks(self.file.uri))
        return task.split(request, _lines(self.file.uri, self.start, self.end))

    @property
    def size_bytes(self) -> int:
        """Estimated size of the text, in bytes."""
        return self.file.unpacked_bytes if self.end is None else self.end - self.start


@dataclass(frozen=True)
class Block:
    """Records of a file that another process already read."""

    file: SourceFile
    start: int
    """Number of the block in the file."""
    found: tuple[Pieces, ...]
    size_bytes: int

    def pieces(self, source: Source) -> Iterator[Pieces | Begin]:
        """The records, in order."""
        return iter(self.found)


@dataclass(frozen=True)
class Unit:
    number: int
    splits: tuple[Split | Block, ...]


def plan(files: Iterable[SourceFile], sources: dict[str, Source], *, stream: bool) -> Iterator[Unit]:
    """The units of the files.

    Some files can only be read from start to end, by the splitter. If such a file is large and `stream` is
    set, it is read here and passed on in blocks that several processes share. Otherwise one process reads it.
    """
    number, size = 0, 0
    pending: list[Split | Block] = []
    for split in _splits(files, sources, stream=stream):
        pending.append(split)
        size += split.size_bytes
        if size >= UNIT_BYTES // 2:
            yield Unit(number, tuple(pending))
            number, size, pending = number + 1, 0, []
    if pending:
        yield Unit(number, tuple(pending))


def _splits(
    files: Iterable[SourceFile], sources: dict[str, Source], *, stream: bool
) -> Iterator[Split | Block]:
    for file in files:
        if _is_plain_lines(file, sources[file.source]):
            for start in range(0, file.size_bytes, UNIT_BYTES):
                yield Split(file, start, min(start + UNIT_BYTES, file.size_bytes))
        elif stream and file.archive is None and file.unpacked_bytes > UNIT_BYTES:
            yield from _blocks(file, sources[file.source])
        else:
            yield Split(file)


def _is_plain_lines(file: SourceFile, source: Source) -> bool:
    plain = file.compression == "none" and file.encoding == "utf-8" and not file.cut_off
    return plain and file.layout == "lines" and source.format == source.syntax == "json"


def _blocks(file: SourceFile, source: Source) -> Iterator[Block]:
    number, size = 0, 0
    found: list[Pieces] = []
    for pieces in Split(file).pieces(source):
        assert not isinstance(pieces, Begin)  # noqa: S101 - archives are not read in blocks
        found.append(pieces)
        size += len(pieces.data) if isinstance(pieces, Piece) else sum(map(len, pieces))
        if size >= BLOCK_BYTES:
            yield Block(file, number, tuple(found), size)
            number, size, found = number + 1, 0, []
    if found:
        yield Block(file, number, tuple(found), size)


def _lines(uri: str, start: int, end: int) -> Iterator[bytes]:
    """The bytes of the lines that begin in [`start`, `end`); a last line without a line end gets one."""
    # Starts one byte earlier: the line end before `start` shows that a line begins at `start`.
    position = max(start - 1, 0)
    searching = start > 0
    last = b"\n"
    for received in storage.read_chunks(uri, position):
        chunk = received
        if searching:
            begin = chunk.find(b"\n") + 1
            position += begin or len(chunk)
            if position >= end:
                return
            if begin == 0:
                continue
            searching, chunk = False, chunk[begin:]
        if position + len(chunk) >= end:
            stop = chunk.find(b"\n", max(end - 1 - position, 0)) + 1
            if stop > 0:
                yield chunk[:stop]
                return
        position += len(chunk)
        last = chunk[-1:] or last
        yield chunk
    if last != b"\n":
        yield b"\n"
