"""The Spark session of both jobs, and their log lines."""

from __future__ import annotations

import json
import sys
import time

from pyspark.sql import SparkSession

from reviews.manifest import Manifest, SourceFile

_GZIP_RATIO = 6  # review JSON shrinks to about a sixth
_SHUFFLE_PARTITION_BYTES = 128 * 1024 * 1024

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Java's own case mapping: loading ICU's costs every job a second of CPU.
    "spark.sql.icu.caseMappings.enabled": "false",
    # Without it the writer sorts all rows by status first.
    "spark.sql.maxConcurrentOutputFileWriters": "4",
    # Splits of many small files are packed by what they hold, not by a notional 4 MB each.
    "spark.sql.files.openCostInBytes": "262144",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


def start(name: str) -> SparkSession:
    """The session; master, memory and endpoints are the runner's business."""
    builder = SparkSession.builder.appName(name)
    for setting, value in _SETTINGS.items():
        builder = builder.config(setting, value)
    return builder.getOrCreate()


def estimated_bytes(file: SourceFile) -> int:
    """The file's size once it is unpacked, in bytes."""
    return file.size_bytes * (_GZIP_RATIO if file.compression == "gzip" else 1)


def fit_shuffle(spark: SparkSession, manifest: Manifest) -> None:
    """As many shuffle partitions as the batch is large: 200 empty tasks would cost a small batch seconds."""
    size = sum(estimated_bytes(file) for file in manifest.files)
    partitions = max(spark.sparkContext.defaultParallelism, size // _SHUFFLE_PARTITION_BYTES)
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))


def log(event: str, **figures: object) -> None:
    """One JSON line on standard output: what happened and its figures, never a record's content."""
    print(json.dumps({"time": round(time.time(), 3), "event": event, **figures}), file=sys.stdout, flush=True)
