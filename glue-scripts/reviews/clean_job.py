"""The course of the clean job: read, clean, write once, find duplicates, account for every record."""

from __future__ import annotations

import functools

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from reviews import contracts, duplicates, outcomes, record_numbers, records, storage
from reviews.cleaning import PUBLISHED, clean, counts_by_reason
from reviews.manifest import Manifest
from reviews.outcomes import FileOutcome

CLEAN = "clean"
DUPLICATES = "duplicates"

_REPEATING = ("source", "language", "rating_raw", "rating_scale")
_WRITE_OPTIONS = {
    "compression": "zstd",
    "parquet.compression.codec.zstd.level": "1",
    # Most columns hold texts that never repeat: building a dictionary only to give it up costs time.
    "parquet.enable.dictionary": "false",
    **{f"parquet.enable.dictionary#{c}": "true" for c in _REPEATING},
}


def run(spark: SparkSession, manifest: Manifest) -> dict[int, FileOutcome]:
    """Cleans the batch; returns what became of the records, by the file's number."""
    for name in (CLEAN, DUPLICATES):
        storage.delete_folder(manifest.work(name))
    figures = {file.number: FileOutcome() for file in manifest.files}
    for number, read in _write_clean(spark, manifest).items():
        figures[number].read = read
    if any(figure.read for figure in figures.values()):
        cleaned = spark.read.parquet(manifest.work(CLEAN))
        _count(manifest, cleaned, figures)
        if any(figure.published for figure in figures.values()):
            _find_duplicates(spark, manifest, cleaned, figures)
    else:
        record_numbers.write(manifest, [])
    outcomes.check_balance(manifest, figures)
    outcomes.write(manifest, outcomes.CLEAN_OUTCOME, figures, rows=None)
    return figures


def _write_clean(spark: SparkSession, manifest: Manifest) -> dict[int, int]:
    """Writes the cleaned rows, by status; returns the records seen at the scan, by the file's number."""
    if not manifest.files:
        return {}
    sources = [contracts.load(name) for name in sorted({file.source for file in manifest.files})]
    seen = Observation("records read")
    tracked = max(16, 4 * len(manifest.files))
    read = records.read(spark, manifest.files, sources).observe(
        seen,
        F.count("*").alias("records"),
        # With more counters than files this sketch is exact, and it takes any number of files in one column.
        F.expr(f"approx_top_k(file_no, {len(manifest.files)}, {tracked})").alias("by_file"),
    )
    cleaned = clean(read, sources, manifest)
    cleaned.write.mode("overwrite").options(**_WRITE_OPTIONS).partitionBy("status").parquet(
        manifest.work(CLEAN)
    )
    return {row["item"]: row["count"] for row in seen.get["by_file"] or () if row["item"] is not None}


def _count(manifest: Manifest, cleaned: DataFrame, figures: dict[int, FileOutcome]) -> None:
    counted = (
        cleaned.groupBy("file_no", "split_start", "status", F.expr("reasons[0]").alias("reason"))
        .agg(F.count("*").alias("records"), F.min("row_id").alias("first_row_id"))
        .collect()
    )
    splits: dict[tuple[int, int], record_numbers.Split] = {}
    rejected: list[tuple[int, str, int]] = []
    for row in counted:
        split = record_numbers.Split(row.file_no, row.split_start, row.first_row_id, row.records)
        known = splits.get((row.file_no, row.split_start))
        splits[row.file_no, row.split_start] = split if known is None else _merge(known, split)
        if row.status == PUBLISHED:
            figures[row.file_no].published += row.records
        else:
            rejected.append((row.file_no, row.reason, row.records))
    for number, by_reason in counts_by_reason(rejected).items():
        figures[number].rejected = by_reason
    record_numbers.write(manifest, list(splits.values()))


def _merge(one: record_numbers.Split, other: record_numbers.Split) -> record_numbers.Split:
    first = min(one.first_row_id, other.first_row_id)
    return record_numbers.Split(one.file_no, one.split_start, first, one.records + other.records)


def _find_duplicates(
    spark: SparkSession, manifest: Manifest, cleaned: DataFrame, figures: dict[int, FileOutcome]
) -> None:
    path = manifest.work(DUPLICATES)
    found = duplicates.losers(cleaned.where(F.col("status") == PUBLISHED))
    found.coalesce(1).write.mode("overwrite").parquet(path)
    for row in spark.read.parquet(path).groupBy("file_no").count().collect():
        figures[row.file_no].duplicates = row["count"]
        figures[row.file_no].published -= row["count"]


def summary(manifest: Manifest, figures: dict[int, FileOutcome]) -> dict[str, object]:
    """The batch's figures for the log."""
    totals = functools.reduce(lambda a, b: a + b.read, figures.values(), 0)
    return {
        "batch": manifest.batch_id,
        "files": len(manifest.files),
        "read": totals,
        "published": sum(f.published for f in figures.values()),
        "duplicates": sum(f.duplicates for f in figures.values()),
        "rejected": sum(sum(f.rejected.values()) for f in figures.values()),
    }
