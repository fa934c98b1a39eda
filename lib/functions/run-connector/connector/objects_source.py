"""What a service of objects must be able to do, whosever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class SourceObject:
    """version: changes with the content. size: bytes.
    checksum: of the whole content, where its service has one.
    """

    name: str
    version: str
    size: int
    algorithm: Literal["md5", "crc32c"]
    checksum: bytes | None


class ChangedError(Exception):
    """The object is another one by now, or gone."""


class DifferentError(Exception):
    """What was read is not what the service says of the object."""


class UnreadableError(Exception):
    """This object cannot be read, though others may be; the text says why and what to do."""


class ObjectSource(Protocol):
    """The objects of one container. Each method raises ConnectorError and SourceUnavailableError."""

    def pages(self) -> Iterator[Sequence[SourceObject]]:
        """All objects below the prefix, as many at a time as the service gives."""

    def current(self, name: str) -> SourceObject | None:
        """An object as it is now; None where it is gone."""

    def chunks(self, found: SourceObject) -> Iterator[bytes]:
        """The content of this version, a few MiB at a time.

        Raises ChangedError, DifferentError and UnreadableError.
        """
