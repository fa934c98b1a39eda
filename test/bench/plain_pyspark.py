"""The job as one would write it in plain PySpark: what the pipeline's jobs are measured beside.

    spark-submit plain_pyspark.py --out DIR FILE...

It reads with a schema, filters, drops duplicates, explodes and writes five tables. It does far less than the
jobs: no reasons, no rejected records, no attributes, no newest version, no accounts, no check that a line
is one whole JSON value.
"""

import argparse

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

_SCHEMA = """
review_id string,
product struct<product_id: string, parent_id: string, title: string, brand: string, categories: array<string>,
  price: struct<amount: decimal(12,2), currency: string>, url: string>,
reviewer struct<reviewer_id: string, name: string, profile_url: string, image_url: string, country: string,
  city: string>,
rating double, recommended boolean, title string, body string, language string, verified_purchase boolean,
helpful_votes bigint, total_votes bigint, created_at timestamp, updated_at timestamp,
media array<struct<kind: string, url: string, caption: string, width: int, height: int>>,
responses array<struct<responder: string, body: string, responded_at: timestamp>>,
tags array<string>, device struct<os: string, build: int>
"""
_VALID = (
    "review_id is not null and product.product_id is not null and rating between 1 and 5 "
    "and created_at is not null"
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Flatten native reviews with plain PySpark.")
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    spark = (
        SparkSession.builder.appName("plain PySpark")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )

    def write(rows: DataFrame, table: str) -> None:
        rows.write.mode("overwrite").option("compression", "zstd").parquet(f"{arguments.out}/{table}")

    valid = spark.read.schema(_SCHEMA).json(arguments.files).where(_VALID).dropDuplicates(["review_id"])
    columns = (
        *(
            "review_id",
            "product.product_id",
            "reviewer.reviewer_id",
            "rating",
            "recommended",
            "title",
            "body",
        ),
        *("language", "verified_purchase", "helpful_votes", "total_votes", "created_at", "updated_at"),
    )
    write(valid.select(*columns, F.to_json("device").alias("attributes")), "reviews")
    for name in ("media", "responses"):
        write(valid.select("review_id", F.explode(name).alias("item")).select("review_id", "item.*"), name)
    write(valid.select("review_id", F.explode("tags").alias("tag")), "tags")
    write(valid.select("product.*").dropDuplicates(["product_id"]), "products")
    spark.stop()


if __name__ == "__main__":
    main()
