"""The splitter as a Spark data source: files in, dealt out over the tasks; Arrow batches of records out.

A Python data source needs Arrow only, where mapInArrow asks for pandas as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import StructType

from reviews import storage
from reviews.contracts import Wrapper
from reviews.splitter.task import Request, rows

SCHEMA = (
    "file_no int, split_start bigint, row_id bigint, record_text string, original string, "
    "invalid_bytes binary, record_bytes bigint, problem string"
)


@dataclass
class _Share(InputPartition):
    """The files of one task."""

    requests: list[Request]


class _Reader(DataSourceReader):
    def __init__(self, requests: list[Request], tasks: int) -> None:
        self._requests = requests
        self._tasks = tasks

    def partitions(self) -> list[InputPartition]:
        shares = [self._requests[first :: self._tasks] for first in range(self._tasks)]
        return [_Share(share) for share in shares if share]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, _Share)  # noqa: S101
        for request in partition.requests:
            yield from rows(request, storage.read_chunks(request.uri))


class ReviewFiles(DataSource):
    @classmethod
    def name(cls) -> str:
        return "review_files"

    def schema(self) -> str:
        return SCHEMA

    def reader(self, schema: StructType) -> DataSourceReader:
        return _Reader(
            [_decoded(entry) for entry in ast.literal_eval(self.options["requests"])],
            int(self.options["tasks"]),
        )


def read(spark: SparkSession, requests: list[Request], tasks: int) -> DataFrame:
    """The records of the files, dealt out over at most so many tasks; columns as in `SCHEMA`."""
    spark.dataSource.register(ReviewFiles)
    encoded = repr([astuple(request) for request in requests])  # options are texts
    return spark.read.format(ReviewFiles.name()).option("requests", encoded).option("tasks", tasks).load()


def _decoded(entry: tuple[Any, ...]) -> Request:
    number, uri, compression, encoding, layout, syntax, wrapper = entry
    return Request(number, uri, compression, encoding, layout, syntax, Wrapper(*wrapper) if wrapper else None)
