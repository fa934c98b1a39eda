"""Job 2: clean reviews to the rows of the published tables; what a table's columns are, contracts/tables
says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from reviews import tables
from reviews.cleaning import POSITION
from reviews.duplicates import version_time
from reviews.mapping.fields import key_of_text

RECORD_NUMBER = "row_id + number_offset"


def _lineage(ingested_at: datetime) -> dict[str, str]:
    return {
        "file_id": "file_id",
        "record_number": RECORD_NUMBER,
        "ingested_at": f"timestamp'{ingested_at}'",
    }


def _select(rows: DataFrame, table: str, expressions: dict[str, str]) -> DataFrame:
    """The table's columns, in its order and of its types: by `expressions`, else the column of that name,
    else null."""
    columns = []
    for column in tables.table(table).columns:
        expression = expressions.get(column.name) or (column.name if column.name in rows.columns else "null")
        columns.append(f"cast({expression} as {column.type}) as {column.name}")
    return rows.selectExpr(*columns)


def reviews(published: DataFrame, ingested_at: datetime) -> DataFrame:
    reviewer = "reviewer_id" if "reviewer_id" in published.columns else "cast(null as string)"
    expressions = {
        "review_key": "lower(hex(review_key))",
        "product_key": key_of_text("product_id"),
        "reviewer_key": key_of_text(reviewer),
    }
    return _select(published, "reviews", expressions | _lineage(ingested_at))


def rejected_records(rejected: DataFrame, ingested_at: datetime) -> DataFrame:
    return _select(rejected, "rejected_records", {"reason": "reasons[0]"} | _lineage(ingested_at))


def products(published: DataFrame, ingested_at: datetime) -> DataFrame:
    return _dimension(published, ingested_at, "products", "product")


def reviewers(published: DataFrame, ingested_at: datetime) -> DataFrame:
    return _dimension(published, ingested_at, "reviewers", "reviewer")


def _dimension(published: DataFrame, ingested_at: datetime, table: str, prefix: str) -> DataFrame:
    """One row per thing the reviews are about or by, as the newest review describes it."""
    identity = f"{prefix}_id"
    if identity not in published.columns:
        return _select(
            published.where("false"), table, {name: "null" for name in (identity,)} | _lineage(ingested_at)
        )
    described = {
        c.name: f"{prefix}_{c.name}"
        for c in tables.table(table).columns
        if f"{prefix}_{c.name}" in published.columns
    }
    version = ", ".join([f"{version_time(published.columns)} as last_seen_at", *POSITION])
    kept = ", ".join(
        ["file_id", "number_offset", *(f"{column} as {name}" for name, column in described.items())]
    )
    newest = (
        published.where(f"{identity} is not null")
        .groupBy("source", identity)
        .agg(F.expr(f"max(struct({version}, {kept})) as newest"))
        .select("source", identity, "newest.*")
    )
    return _select(newest, table, {f"{prefix}_key": key_of_text(identity)} | _lineage(ingested_at))


def review_list(name: str) -> Callable[[DataFrame, datetime], DataFrame]:
    """The table of one list of the reviews: an item a row, its place in the list from 0."""

    def build(published: DataFrame, ingested_at: datetime) -> DataFrame:
        table = tables.LISTS[name]
        if name not in published.columns:
            return _select(published.where("false"), table, {"position": "0"} | _lineage(ingested_at))
        columns = list(tables.list_items(name))
        items = published.where(f"{name} is not null").select(
            "review_key", "file_id", *POSITION, "number_offset", F.posexplode(name).alias("position", "item")
        )
        filled = items.where(
            f"coalesce({', '.join(f'cast(item.{c} as string)' for c in columns)}) is not null"
        )
        expressions = {"review_key": "lower(hex(review_key))"} | {c: f"item.{c}" for c in columns}
        return _select(filled, table, expressions | _lineage(ingested_at))

    return build


PUBLISHED_TABLES: dict[str, Callable[[DataFrame, datetime], DataFrame]] = {
    "reviews": reviews,
    "products": products,
    "reviewers": reviewers,
    **{table: review_list(name) for name, table in tables.LISTS.items()},
}
