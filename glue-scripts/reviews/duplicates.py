"""Of several records with one key in a batch, which one stays.

The one with the greatest update (else creation) time, on a tie the last: later file of the manifest,
later record in the file. Found from narrow columns of the rows already written, so that whole reviews are
never shuffled.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from reviews.cleaning import POSITION


def version_time(columns: list[str]) -> str:
    """When this version of the review was made: its update time, else its creation time."""
    return "coalesce(updated_at, created_at)" if "updated_at" in columns else "created_at"


def losers(published: DataFrame) -> DataFrame:
    """Positions of the published records that another record of the batch replaces."""
    keys = published.selectExpr("xxhash64(review_key) as key_hash")
    # Long sums and counts stay in a hash aggregate; the few keys that occur twice are then compared in full.
    repeated = (
        keys.groupBy("key_hash").agg(F.count("*").alias("records")).where("records > 1").select("key_hash")
    )
    candidates = published.selectExpr(
        *POSITION,
        "review_key",
        f"{version_time(published.columns)} as version_time",
        "xxhash64(review_key) as key_hash",
    ).join(repeated, "key_hash", "left_semi")
    newest_first = Window.partitionBy("review_key").orderBy(
        F.desc("version_time"), *(F.desc(column) for column in POSITION)
    )
    ranked = candidates.withColumn("place", F.row_number().over(newest_first))
    return ranked.where("place > 1").select(*POSITION)
