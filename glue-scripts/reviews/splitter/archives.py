"""The members of an archive, one by one; no file is ever written under a member's name."""

from __future__ import annotations

import re
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from reviews.splitter.unpacking import BombError, DamagedError, is_out_of_proportion

_BLOCK = 512
_CHUNK_BYTES = 1 << 20
_MOST_MEMBERS = 10_000
_MOST_HEADER_BYTES = 1 << 20  # of a long name or pax records, which are read into memory
_MOST_DIRECTORY_BYTES = 64 << 20
_PAX_PATH = re.compile(rb"\d+ path=([^\n]*)\n")
_PAX_SIZE = re.compile(rb"\d+ size=(\d+)\n")
_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ArchiveError(Exception):
    """The archive cannot be read from here on; the text says why."""


@dataclass(frozen=True)
class Member:
    name: str
    """For people to read, not a path."""
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    refusal: str | None = None
    """Why the member is not read."""


def members(archive: str, chunks: Iterable[bytes]) -> Iterator[Member]:
    """The archive's members, without folders and without files that macOS adds (`__MACOSX/`).

    The caller must read a member's chunks before it asks for the next member.

    Raises:
        ArchiveError: no further member can be read.
    """
    for number, member in enumerate(_READERS[archive](chunks), 1):
        if number > _MOST_MEMBERS:
            raise ArchiveError(f"the archive has more than {_MOST_MEMBERS} members; pack it in parts")
        yield member


def _member(name: str, chunks: Iterator[bytes], refusal: str | None) -> Member:
    parts = re.split(r"[/\\]", name)
    if refusal is None and (".." in parts or parts[0] == "" or re.match("[A-Za-z]:", name)):
        refusal = "its name leads out of the archive; pack it under a plain name"
    shown = re.sub(r"[\x00-\x1f\x7f]", "?", name)[:200]
    return Member(shown, chunks, refusal)


def is_litter(name: str) -> bool:
    """Whether the operating system that packed the archive added this file."""
    last = name.rstrip("/").rpartition("/")[2]
    return name.startswith("__MACOSX/") or last.startswith("._") or last == ".DS_Store"


class _Reader:
    """Reads a given number of bytes from a stream."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def some(self, most: int) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        found, self._rest = self._rest[:most], self._rest[most:]
        return found

    def exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (part := self.some(size - len(found))):
            found += part
        return bytes(found)


def _tar(chunks: Iterable[bytes]) -> Iterator[Member]:
    reader = _Reader(chunks)
    long_name, pax_size = None, None
    while len(block := reader.exactly(_BLOCK)) == _BLOCK and block.strip(b"\0"):
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.HeaderError as error:
            raise ArchiveError("the tar archive is damaged; pack it again") from error
        if header.type in (
            tarfile.XHDTYPE,
            tarfile.XGLTYPE,
            tarfile.GNUTYPE_LONGNAME,
            tarfile.GNUTYPE_LONGLINK,
        ):
            extra = _extra(reader, header)
            if header.type == tarfile.GNUTYPE_LONGNAME:
                long_name = extra.rstrip(b"\0").decode("utf-8", "replace")
            elif header.type == tarfile.XHDTYPE:
                path, large = _PAX_PATH.search(extra), _PAX_SIZE.search(extra)
                long_name = path.group(1).decode("utf-8", "replace") if path else long_name
                pax_size = int(large.group(1)) if large else None
            continue
        name = long_name or header.name
        size = header.size if pax_size is None else pax_size
        long_name, pax_size = None, None
        content = _content(reader, size)
        if not (header.isdir() or is_litter(name)):
            yield _member(name, content, _tar_refusal(header))
        deque(content, maxlen=0)  # skips what the caller did not read
    if len(block) < _BLOCK:
        raise ArchiveError("the tar archive ends before its end mark; it may be cut, put it again")


def _tar_refusal(header: tarfile.TarInfo) -> str | None:
    if header.type in _LINKS:
        return "it is a link; pack the file itself"
    if not header.isreg() or header.type == tarfile.GNUTYPE_SPARSE:
        return "it is no ordinary file; pack it as one"
    return None


def _extra(reader: _Reader, header: tarfile.TarInfo) -> bytes:
    if header.size > _MOST_HEADER_BYTES:
        raise ArchiveError("a header of the tar archive is larger than 1 MiB; pack it again")
    return b"".join(_content(reader, header.size))


def _content(reader: _Reader, size: int) -> Iterator[bytes]:
    left = size
    while left:
        part = reader.some(min(left, _CHUNK_BYTES))
        if not part:
            raise DamagedError
        left -= len(part)
        yield part
    reader.exactly(-size % _BLOCK)


def _zip(chunks: Iterable[bytes]) -> Iterator[Member]:
    # The list of members is at the end, so the archive must be on disk.
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            spool.write(chunk)
        _check_directory(spool)
        try:
            archive = zipfile.ZipFile(spool)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise ArchiveError("the zip archive is damaged or cut; pack it again") from error
        with archive:
            for info in archive.infolist():
                if not (info.is_dir() or is_litter(info.filename)):
                    yield _member(info.filename, _inflated(archive, info), _zip_refusal(info))


def _check_directory(spool: IO[bytes]) -> None:
    """Checks that the list of members fits into memory (.ZIP File Format Specification, "End of central
    directory record")."""
    size = spool.seek(0, 2)
    spool.seek(max(0, size - 65_557))
    tail = spool.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise ArchiveError("the zip archive is cut or damaged: its list of members is missing; put it again")
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    if count > _MOST_MEMBERS or directory > _MOST_DIRECTORY_BYTES:
        raise ArchiveError(f"the zip archive has more than {_MOST_MEMBERS} members; pack it in parts")


def _zip_refusal(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 1:
        return "it is encrypted; pack it without a password"
    if info.compress_type not in _ZIP_METHODS:
        return "its compression method is not supported; pack it with deflate"
    return None


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    size = 0
    try:
        with archive.open(info) as stream:
            while part := stream.read(_CHUNK_BYTES):
                size += len(part)
                if is_out_of_proportion(size, info.compress_size):
                    raise BombError
                yield part
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DamagedError from error


_READERS: dict[str, Callable[[Iterable[bytes]], Iterator[Member]]] = {"tar": _tar, "zip": _zip}
