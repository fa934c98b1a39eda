"""Records of the batch's files, as both readers hand them on: one row per record, not yet parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from reviews.contracts import Source
from reviews.manifest import SourceFile
from reviews.mapping import places
from reviews.splitter import datasource, task
from reviews.splitter.pieces import KEPT_BYTES, MAX_RECORD_BYTES

BYTE_ORDER_MARK = "\ufeff"


def read(spark: SparkSession, files: Iterable[SourceFile], sources: list[Source]) -> DataFrame:
    """All records of the files.

    Columns: file_no int, split_start bigint, row_id bigint, record_text string (null where there is
    nothing to parse), original string (where it differs from record_text), invalid_bytes binary,
    record_bytes bigint, problem string (a reason of contracts/outcomes.json), source string, and one
    column per file-name pattern.

    row_id orders the records of one (file_no, split_start); record_numbers.py turns it into the record's
    number.
    """
    by_name = {source.name: source for source in sources}
    files = list(files)
    fast = [file for file in files if _is_plain_lines(file, by_name[file.source])]
    split = [file for file in files if file not in fast]
    parts = [read_part(spark, part, sources) for read_part, part in ((_lines, fast), (_split, split)) if part]
    return parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])


def _is_plain_lines(file: SourceFile, source: Source) -> bool:
    # Spark's own text reader loses the tail of a truncated gzip, and splits UTF-16 at the wrong bytes.
    plain = file.compression == "none" and file.encoding == "utf-8" and not file.cut_off
    return plain and file.layout == "lines" and source.syntax == "json"


def _files(spark: SparkSession, files: list[SourceFile], sources: list[Source]) -> DataFrame:
    """The batch's files as a small relation: number, name, source and what their keys say."""
    columns: dict[str, list[object]] = {
        "file_no": [file.number for file in files],
        "file_name": [file.name for file in files],
        "source": [file.source for file in files],
    }
    for pattern in sorted(places.file_name_patterns(sources)):
        found = [re.search(pattern, file.key) for file in files]
        columns[f"key:{pattern}"] = [match.group(1) if match else None for match in found]
    types = {"file_no": pa.int32()}
    table = pa.table(
        {name: pa.array(column, types.get(name, pa.string())) for name, column in columns.items()}
    )
    return spark.createDataFrame(table)


def _lines(spark: SparkSession, files: list[SourceFile], sources: list[Source]) -> DataFrame:
    """Plain JSON Lines, by Spark's text reader: many files and splits in one scan, no Python per record."""
    line = "value"
    lines = spark.read.text([file.uri for file in files], lineSep="\n").select(
        F.expr(
            f"case when startswith({line}, '{BYTE_ORDER_MARK}') then substring({line}, 2) else {line} end"
        ).alias("line"),
        F.col("_metadata.file_name").alias("file_name"),
        F.col("_metadata.file_block_start").alias("split_start"),
    )
    # Nearly every line starts with a visible character: only the others pay for the pattern.
    records = lines.where("line >= '!' or line rlike '[^ \\\\t\\\\r\\\\n]'").select(
        "file_name",
        "split_start",
        F.monotonically_increasing_id().alias("row_id"),
        F.expr("case when endswith(line, '\\r') then left(line, char_length(line) - 1) else line end").alias(
            "line"
        ),
    )
    judged = records.select(
        "*",
        F.expr("cast(octet_length(line) as bigint)").alias("record_bytes"),
        F.expr(
            f"case when octet_length(line) > {MAX_RECORD_BYTES} then 'TOO_LARGE' "
            "when not is_valid_utf8(line) then 'ENCODING' end"
        ).alias("problem"),
    )
    return judged.join(F.broadcast(_files(spark, files, sources)), "file_name").select(
        "file_no",
        "split_start",
        "row_id",
        F.expr("case when problem is null then line end").alias("record_text"),
        F.expr(
            f"case problem when 'TOO_LARGE' then {_cut('line')} "
            "when 'ENCODING' then make_valid_utf8(line) end"
        ).alias("original"),
        F.expr("case when problem = 'ENCODING' then cast(line as binary) end").alias("invalid_bytes"),
        "record_bytes",
        "problem",
        *_file_columns(sources),
    )


def _cut(text: str) -> str:
    return f"make_valid_utf8(cast(substring(cast({text} as binary), 1, {KEPT_BYTES}) as string))"


def _split(spark: SparkSession, files: list[SourceFile], sources: list[Source]) -> DataFrame:
    """Every other form, by the streaming splitter in the executors."""
    by_name = {source.name: source for source in sources}
    largest_first = sorted(files, key=lambda file: -file.size_bytes)
    requests = [task.request(file, by_name[file.source]) for file in largest_first]
    # A task that takes several files in turn starts once; enough of them that no large file holds up the
    # last.
    found = datasource.read(spark, requests, tasks=4 * spark.sparkContext.defaultParallelism)
    return found.join(F.broadcast(_files(spark, files, sources)), "file_no").drop("file_name")


def _file_columns(sources: list[Source]) -> list[Column]:
    patterns = sorted(places.file_name_patterns(sources))
    return [F.col("source"), *(F.col(places.file_name_column(pattern)) for pattern in patterns)]
