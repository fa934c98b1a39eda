"""Rewrites some members of an archive; copies the others unchanged, including their name and time."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Set
from dataclasses import replace
from pathlib import Path
from typing import IO

from reviews import storage
from reviews.splitter import archives, formats, task
from reviews.splitter.pieces import Begin, Piece
from reviews.splitter.task import Request

Rewrite = Callable[[Request, Path, Set[int], Path, Path], None]
"""Rewrites a file without some records: `rewriting.rewrite`."""


class UnreadableError(Exception):
    """The archive cannot be packed again; the text says why."""


def rewrite(wanted: Request, path: Path, numbers: Set[int], target: Path, rewrite_member: Rewrite) -> None:
    """Writes the uncompressed archive at `path` to `target`, without the records of these numbers.

    Raises:
        UnreadableError: some member cannot be copied.
    """
    members = _numbers_by_member(wanted, path, numbers)
    if sum(map(len, members)) != len(numbers):
        raise UnreadableError("a record to erase is the name of a member, or belongs to no member")
    try:
        if wanted.archive == "tar":
            _tar(wanted, path, members, target, rewrite_member)
        else:
            _zip(wanted, path, members, target, rewrite_member)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableError(f"the archive is damaged ({type(error).__name__})") from error
    except RuntimeError as error:
        raise UnreadableError("a member of the archive is encrypted") from error


def _numbers_by_member(wanted: Request, path: Path, numbers: Set[int]) -> list[set[int]]:
    """The numbers of the records to remove, by member; they count within the member."""
    members: list[set[int]] = []
    number, first = 0, 0
    for found in task.split(replace(wanted, compression="none"), storage.read_chunks(str(path))):
        if isinstance(found, Begin):
            members.append(set())
            first = number
            continue
        problem = found.problem if isinstance(found, Piece) else None
        count = 1 if isinstance(found, Piece) else len(found)
        if members and problem != "NOT_UNPACKED":
            members[-1] |= {one - first for one in range(number, number + count) if one in numbers}
        number += count
    return members


class _Members:
    """Rewrites members in their order, each in a temporary folder."""

    def __init__(self, wanted: Request, members: list[set[int]], rewrite_member: Rewrite) -> None:
        self._wanted = wanted
        self._numbers = iter(members)
        self._rewrite = rewrite_member

    def next(self, content: IO[bytes], put: Callable[[IO[bytes], int], None]) -> None:
        """Calls `put` with the next member's content, without the removed records, and its size in bytes."""
        numbers = next(self._numbers, set())
        with tempfile.TemporaryDirectory(prefix="member-") as name:
            member = Path(name) / "member"
            with member.open("wb") as stream:
                shutil.copyfileobj(content, stream)
            if numbers:
                head = member.open("rb").read(formats.HEAD_BYTES)
                target = Path(name) / "without"
                self._rewrite(task.as_member(self._wanted, head), member, numbers, target, Path(name))
                member = target
            with member.open("rb") as stream:
                put(stream, member.stat().st_size)


def _tar(wanted: Request, path: Path, members: list[set[int]], target: Path, rewrite_member: Rewrite) -> None:
    written = _Members(wanted, members, rewrite_member)
    with tarfile.open(path, "r:") as old, tarfile.open(target, "w:", format=tarfile.PAX_FORMAT) as new:
        for info in old:
            content = old.extractfile(info) if info.isreg() else None
            if info.isdir() or archives.is_litter(info.name):
                new.addfile(info, content)
            elif content is None:
                written.next(_nothing(), lambda _stream, _size, info=info: new.addfile(info))  # type: ignore[misc]
            else:
                written.next(content, lambda stream, size, info=info: _add(new, info, stream, size))  # type: ignore[misc]


def _nothing() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _add(archive: tarfile.TarFile, info: tarfile.TarInfo, stream: IO[bytes], size: int) -> None:
    info.size = size
    # The size of a large member is also in the pax headers.
    info.pax_headers = {name: value for name, value in info.pax_headers.items() if name != "size"}
    archive.addfile(info, stream)


def _zip(wanted: Request, path: Path, members: list[set[int]], target: Path, rewrite_member: Rewrite) -> None:
    written = _Members(wanted, members, rewrite_member)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        new.comment = old.comment
        for info in old.infolist():

            def put(stream: IO[bytes], size: int, info: zipfile.ZipInfo = info) -> None:
                same = _same(info)
                same.file_size = size
                with new.open(same, "w") as packed:
                    shutil.copyfileobj(stream, packed)

            with old.open(info) as content:
                if info.is_dir() or archives.is_litter(info.filename):
                    put(content, info.file_size)
                else:
                    written.next(content, put)


def _same(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The member's entry, without the fields that depend on its content."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    for name in ("compress_type", "comment", "create_system", "external_attr", "internal_attr"):
        setattr(entry, name, getattr(info, name))
    return entry
