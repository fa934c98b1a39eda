"""The list of files of one batch, as *register files* writes it (docs/architecture.md, Manifest)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews import storage
from reviews.contracts import HOLDS, Wrapper
from reviews.errors import JobError
from reviews.record_formats import FORMATS

_VERSION = 1
_PACKING_RATIO = 6  # review JSON compresses to about a sixth of its size
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "compression": ("none", "gzip", "zstd", "bzip2"),
    "encoding": ("utf-8", "utf-16le", "utf-16be"),
    "layout": ("lines", "array", "concatenated", "wrapped", "any", *FORMATS[1:]),
    "archive": (None, "tar", "zip"),
}


@dataclass(frozen=True)
class SourceFile:
    """One object version of the batch; `number` is its position in the manifest, from 0."""

    number: int
    file_id: str
    key: str
    source: str
    uri: str
    compression: str
    encoding: str
    layout: str
    cut_off: bool
    size_bytes: int
    wrapper: Wrapper | None = None
    """Where a wrapped file holds its records, if its contract does not say so."""
    archive: str | None = None
    """The kind of archive after decompression; None: not an archive."""

    @property
    def unpacked_bytes(self) -> int:
        """The file's unpacked size in bytes; an estimate if the file is compressed."""
        is_packed = self.compression != "none" or self.archive == "zip" or self.layout in ("avro", "parquet")
        return self.size_bytes * (_PACKING_RATIO if is_packed else 1)

    def matched(self, pattern: str) -> str | None:
        """The first group of the regular expression, searched in the object key; None if nothing matches."""
        found = re.search(pattern, self.key)
        return found.group(1) if found else None


@dataclass(frozen=True)
class Manifest:
    batch_id: str
    ingest_date: str
    ingested_at: datetime
    work_uri: str
    tables_uri: str
    files: tuple[SourceFile, ...]

    def work(self, name: str) -> str:
        """URI of `name` in the batch's work area."""
        return f"{self.work_uri.rstrip('/')}/{name}"

    def table(self, table: str) -> str:
        """The only folder of the published table that belongs to this batch."""
        partition = f"ingest_date={self.ingest_date}/batch_id={self.batch_id}"
        return f"{self.tables_uri.rstrip('/')}/{table}/{partition}"


def load(uri: str) -> Manifest:
    try:
        return parse(json.loads(storage.read_text(uri)))
    except ValueError as error:
        raise JobError(f"manifest {uri} is not JSON: {error}") from error


def parse(document: dict[str, Any]) -> Manifest:
    if document.get("manifestVersion") != _VERSION:
        raise JobError(f"manifestVersion is {document.get('manifestVersion')!r}; this job reads {_VERSION}")
    try:
        files = tuple(_file(number, entry) for number, entry in enumerate(document["files"]))
        manifest = Manifest(
            batch_id=document["batchId"],
            ingest_date=document["ingestDate"],
            ingested_at=datetime.fromisoformat(document["ingestedAt"]),
            work_uri=document["workUri"],
            tables_uri=document["tablesUri"],
            files=files,
        )
    except KeyError as error:
        raise JobError(f"the manifest lacks {error}; see docs/architecture.md") from error
    return manifest


def _file(number: int, entry: dict[str, Any]) -> SourceFile:
    for setting, allowed in _CHOICES.items():
        value = entry.get(setting) if None in allowed else entry[setting]
        if value not in allowed:
            raise JobError(f"file {entry['fileId']}: {setting} is {value!r}, not one of {allowed}")
    return SourceFile(
        number=number,
        file_id=entry["fileId"],
        key=entry["key"],
        source=entry["source"],
        uri=entry["uri"],
        compression=entry["compression"],
        encoding=entry["encoding"],
        layout=entry["layout"],
        cut_off=bool(entry.get("cutOff", False)),
        size_bytes=int(entry.get("sizeBytes", 0)),
        archive=entry.get("archive"),
        wrapper=_wrapper(entry["fileId"], entry.get("wrapper")),
    )


def _wrapper(file_id: str, entry: dict[str, Any] | None) -> Wrapper | None:
    if entry is None:
        return None
    if entry["holds"] not in HOLDS:
        raise JobError(f"file {file_id}: wrapper.holds is {entry['holds']!r}, not one of {HOLDS}")
    return Wrapper((tuple(entry["path"]),), entry["holds"])
