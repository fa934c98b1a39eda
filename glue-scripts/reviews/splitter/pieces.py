"""What the splitters yield."""

from __future__ import annotations

from dataclasses import dataclass

MAX_RECORD_BYTES = 16 * 1024 * 1024  # contracts/outcomes.json, TOO_LARGE
KEPT_BYTES = 1024 * 1024  # kept of a too large record (contracts/tables/rejected_records.json, record)


@dataclass(frozen=True)
class Piece:
    """One record that needs a closer check, or that is known to be bad.

    `data` is UTF-8 wherever the file was valid; `size` is the record's full length in bytes of UTF-8.
    """

    data: bytes
    size: int
    problem: str | None = None
    detail: str | None = None
    """What was looked for and found, without any value; None if the problem says everything."""


@dataclass(frozen=True)
class Begin:
    """The pieces after this one belong to this member of an archive."""

    member: str


# A list holds complete records, of which only the bytes are known.
Pieces = list[bytes] | Piece


def piece(data: bytes, problem: str | None = None, detail: str | None = None) -> Piece:
    return Piece(data, len(data), problem, detail)
