"""The course of the flatten job: read the clean reviews, drop what was replaced, write the published
tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from reviews import clean_job, flattening, outcomes, record_numbers, storage
from reviews.cleaning import POSITION, PUBLISHED, REJECTED
from reviews.errors import JobError
from reviews.manifest import Manifest
from reviews.outcomes import FileOutcome
from reviews.session import estimated_bytes

# Tables written at a time: the jobs of two fill each other's gaps; each one more holds writers' memory.
_CONCURRENT_TABLES = 2

# JSON reviews shrink to about a third as zstd Parquet: this much input makes files of the 128 to 256 MB that
# external tables read best, in the widest table (reviews).
_INPUT_BYTES_PER_FILE = 500 * 1024 * 1024

_WRITE_OPTIONS = {
    "compression": "zstd",
    "parquet.compression.codec.zstd.level": "3",
    **{
        f"parquet.enable.dictionary#{c}": "false"
        for c in ("review_key", "body", "title", "attributes", "record")
    },
}


def run(spark: SparkSession, manifest: Manifest) -> tuple[dict[int, FileOutcome], dict[str, int]]:
    """Publishes the batch; returns what became of the records and the rows per table."""
    figures = outcomes.read(manifest, outcomes.CLEAN_OUTCOME)
    frames = _frames(spark, manifest, figures)
    files = max(1, sum(estimated_bytes(file) for file in manifest.files) // _INPUT_BYTES_PER_FILE)
    with ThreadPoolExecutor(_CONCURRENT_TABLES) as pool:
        counts = pool.map(lambda table: _publish(manifest, table, frames[table], files), frames)
        rows = dict(zip(frames, counts, strict=True))
    _check(manifest, figures, rows)
    outcomes.check_balance(manifest, figures)
    outcomes.write(manifest, outcomes.OUTCOME, figures, rows)
    return figures, rows


def _frames(
    spark: SparkSession, manifest: Manifest, figures: dict[int, FileOutcome]
) -> dict[str, DataFrame | None]:
    """Table → its rows; None where it has none."""
    any_published = any(figure.published for figure in figures.values())
    any_rejected = any(figure.rejected for figure in figures.values())
    frames: dict[str, DataFrame | None] = dict.fromkeys((*flattening.PUBLISHED_TABLES, "rejected_records"))
    if not (any_published or any_rejected):
        return frames
    cleaned = spark.read.parquet(manifest.work(clean_job.CLEAN))
    numbered = cleaned.join(record_numbers.relation(spark, manifest), ["file_no", "split_start"])
    if any_published:
        published = numbered.where(F.col("status") == PUBLISHED)
        if any(figure.duplicates for figure in figures.values()):
            losers = spark.read.parquet(manifest.work(clean_job.DUPLICATES))
            published = published.join(losers, list(POSITION), "left_anti")
        for table, build in flattening.PUBLISHED_TABLES.items():
            frames[table] = build(published, manifest.ingested_at)
    if any_rejected:
        rejected = numbered.where(F.col("status") == REJECTED)
        frames["rejected_records"] = flattening.rejected_records(rejected, manifest.ingested_at)
    return frames


def _publish(manifest: Manifest, table: str, rows: DataFrame | None, files: int) -> int:
    """Writes one table's folder of this batch in at most so many files; returns the number of rows."""
    folder = manifest.table(table)
    if rows is None:
        storage.delete_folder(folder)
        return 0
    written = Observation(table)
    counted = rows.coalesce(files).observe(written, F.count("*").alias("rows"))
    counted.write.mode("overwrite").options(**_WRITE_OPTIONS).parquet(folder)
    count = int(written.get["rows"])
    if count == 0:
        storage.delete_folder(folder)  # Spark writes one file even of no rows
    return count


def _check(manifest: Manifest, figures: dict[int, FileOutcome], rows: dict[str, int]) -> None:
    expected = {
        "reviews": sum(figure.published for figure in figures.values()),
        "rejected_records": sum(sum(figure.rejected.values()) for figure in figures.values()),
    }
    for table, count in expected.items():
        if rows[table] != count:
            raise JobError(
                f"batch {manifest.batch_id}: {table} holds {rows[table]} rows, the clean job counted {count}"
            )
