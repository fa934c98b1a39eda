"""What the clean job leaves in a batch's work area for the flatten job.

| path | what |
|---|---|
| `clean/<part>.parquet` | reviews that can be published: position, columns of the canonical review, `as_of` |
| `clean-customers/…`, `clean-support_cases/…` | the same of customers and of cases |
| `rejected/<part>.parquet` | records that cannot: position, reasons, details, the record itself |
| `deleted/<part>.parquet` | deletions: position, key of the review, reason, time |
| `keys/<part>.parquet` | key, version time and position of what is in these folders, to find duplicates by |
| `superseded.parquet` | positions of the records in them that a newer one of the batch replaces |
| `outlived.parquet` | positions of the records in `deleted/` that a review of the same time stands behind |
| `handover.json` | the parts, and how many records each split of a file holds (`Handover`) |
| `clean-outcome.json` | the outcome of every record, by file |
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from reviews import storage, tables
from reviews.manifest import Manifest

CLEAN, REJECTED, DELETED, KEYS = "clean", "rejected", "deleted", "keys"
CLEAN_FOLDERS = {
    records: CLEAN if records == "reviews" else f"{CLEAN}-{records}" for records in tables.RECORDS
}
"""What records become → folder of those that can be published."""
SUPERSEDED, OUTLIVED = "superseded.parquet", "outlived.parquet"
_DOCUMENT = "handover.json"

POSITION = {"file_no": "integer", "split_start": "bigint", "record_number": "bigint"}
"""The position of a record: its file's number in the manifest, the split of the file, its number in the
split from 1."""


@dataclass(frozen=True)
class Part:
    """One Parquet file of `CLEAN_FOLDERS`, `rejected/` or `deleted/`."""

    folder: str
    name: str
    size_bytes: int


@dataclass(frozen=True)
class Split:
    """A number of records of a file, from a start position; positions in one file are in order."""

    file_no: int
    start: int
    records: int
    member: str | None = None
    """For an archive: the member that the records belong to."""


@dataclass(frozen=True)
class Handover:
    parts: tuple[Part, ...]
    splits: tuple[Split, ...]
    superseded: bool
    """Whether there is a file of superseded records."""
    outlived: bool
    """Whether there is a file of outlived deletions."""

    def offsets(self) -> dict[tuple[int, int], int]:
        """(file number, split start) → the offset from a record's number in the split to its number in the
        file."""
        found: dict[tuple[int, int], int] = {}
        before: dict[int, int] = {}
        for split in sorted(self.splits, key=lambda split: (split.file_no, split.start)):
            found[split.file_no, split.start] = before.get(split.file_no, 0)
            before[split.file_no] = before.get(split.file_no, 0) + split.records
        return found


def uri(manifest: Manifest, folder: str, part: str) -> str:
    """The URI of a part."""
    return f"{manifest.work(folder)}/{part}.parquet"


def write(manifest: Manifest, handover: Handover) -> None:
    storage.write_text(manifest.work(_DOCUMENT), json.dumps(asdict(handover)))


def read(manifest: Manifest) -> Handover:
    document = json.loads(storage.read_text(manifest.work(_DOCUMENT)))
    return Handover(
        tuple(Part(**part) for part in document["parts"]),
        tuple(Split(**split) for split in document["splits"]),
        document["superseded"],
        document["outlived"],
    )
