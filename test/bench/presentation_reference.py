"""DuckDB's own way from the published Parquet to one row per product: what dbt's build is compared with.

    python presentation_reference.py --tables DIR

DIR holds a folder of Parquet files for each published table. Prints one JSON object: seconds, products and
reviews. It does a small part of what dbt does (no facts, no history, no tests), on the same rows.
"""

import argparse
import json
import time
from pathlib import Path

import duckdb

_SUMMARY = """
SELECT count(*), sum(reviews) FROM (
    SELECT product_id, count(*) AS reviews, avg(rating), count_if(recommended)
    FROM (
        SELECT * FROM read_parquet($files, union_by_name = true)
        QUALIFY row_number() OVER (
            PARTITION BY review_key ORDER BY coalesce(updated_at, created_at) DESC, ingested_at DESC
        ) = 1
    )
    GROUP BY source, product_id
)
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Summarise published reviews by product with DuckDB alone.")
    parser.add_argument("--tables", type=Path, required=True, help="folder of the exported tables")
    tables: Path = parser.parse_args().tables
    began = time.monotonic()
    database = duckdb.connect(config={"threads": 2})
    found = database.execute(_SUMMARY, {"files": f"{tables}/reviews/*.parquet"}).fetchone()
    products, reviews = found if found else (0, 0)
    seconds = round(time.monotonic() - began, 2)
    print(json.dumps({"seconds": seconds, "products": products, "reviews": int(reviews)}))


if __name__ == "__main__":
    main()
