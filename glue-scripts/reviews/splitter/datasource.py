"""The splitter as a Spark data source: one partition per file, Arrow batches of records out.

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
class _File(InputPartition):
    request: Request


class _Reader(DataSourceReader):
    def __init__(self, requests: list[Request]) -> None:
        self._requests = requests

    def partitions(self) -> list[InputPartition]:
        return [_File(request) for request in self._requests]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:  # type: ignore[override]
        assert isinstance(partition, _File)  # noqa: S101
        yield from rows(partition.request, storage.read_chunks(partition.request.uri))


class ReviewFiles(DataSource):
    @classmethod
    def name(cls) -> str:
        return "review_files"

    def schema(self) -> str:
        return SCHEMA

    def reader(self, schema: StructType) -> DataSourceReader:
        return _Reader([_decoded(entry) for entry in ast.literal_eval(self.options["requests"])])


def read(spark: SparkSession, requests: list[Request]) -> DataFrame:
    """The records of the files; columns as in `SCHEMA`."""
    spark.dataSource.register(ReviewFiles)
    encoded = repr([astuple(request) for request in requests])  # options are texts
    return spark.read.format(ReviewFiles.name()).option("requests", encoded).load()


def _decoded(entry: tuple[Any, ...]) -> Request:
    *plain, wrapper = entry
    return Request(*plain, wrapper=Wrapper(*wrapper) if wrapper else None)
