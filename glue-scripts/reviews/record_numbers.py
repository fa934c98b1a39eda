"""From a row's id within its split to the number of the record in its file, without a second scan of the
input.

Spark reads a file in splits, in any order. Within one split row ids (monotonically_increasing_id) go up
by one per record, so the first id and the number of records of every split give each record its number.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from reviews import storage
from reviews.manifest import Manifest

_NAME = "splits.json"


@dataclass(frozen=True)
class Split:
    file_no: int
    split_start: int
    first_row_id: int
    records: int


def write(manifest: Manifest, splits: list[Split]) -> None:
    storage.write_text(manifest.work(_NAME), json.dumps([asdict(split) for split in splits]))


def offsets(splits: list[Split]) -> dict[tuple[int, int], int]:
    """(file_no, split_start) → what to add to a row id to get the record's number, from 1."""
    found: dict[tuple[int, int], int] = {}
    before: dict[int, int] = {}
    for split in sorted(splits, key=lambda s: (s.file_no, s.split_start)):
        earlier = before.get(split.file_no, 0)
        found[split.file_no, split.split_start] = earlier - split.first_row_id + 1
        before[split.file_no] = earlier + split.records
    return found


def relation(spark: SparkSession, manifest: Manifest) -> DataFrame:
    """Small relation (file_no, split_start, file_id, number_offset), to be joined by broadcast."""
    splits = [Split(**entry) for entry in json.loads(storage.read_text(manifest.work(_NAME)))]
    file_ids = {file.number: file.file_id for file in manifest.files}
    rows = offsets(splits)
    table = pa.table(
        {
            "file_no": pa.array([no for no, _ in rows], pa.int32()),
            "split_start": pa.array([start for _, start in rows], pa.int64()),
            "file_id": pa.array([file_ids[no] for no, _ in rows], pa.string()),
            "number_offset": pa.array(list(rows.values()), pa.int64()),
        }
    )
    return F.broadcast(spark.createDataFrame(table))
