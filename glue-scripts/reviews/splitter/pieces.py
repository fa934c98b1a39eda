"""What the splitters yield."""

from __future__ import annotations

from dataclasses import dataclass

MAX_RECORD_BYTES = 16 * 1024 * 1024  # contracts/outcomes.json, TOO_LARGE
KEPT_BYTES = 1024 * 1024  # of a record that is too large (contracts/tables/rejected_records.json, record)


@dataclass(frozen=True)
class Piece:
    """One record that needs a closer look, or that is known to be bad.

    `data` is UTF-8 as far as the file was valid; `size` the record's whole length in bytes of UTF-8.
    """

    data: bytes
    size: int
    problem: str | None = None
    detail: str | None = None
    """What was looked for and seen, without any value; None where the problem says it all."""


@dataclass(frozen=True)
class Begin:
    """What follows is of this member of an archive."""

    member: str


# A list holds whole records with nothing to say about them but their bytes.
Pieces = list[bytes] | Piece


def piece(data: bytes, problem: str | None = None, detail: str | None = None) -> Piece:
    return Piece(data, len(data), problem, detail)
