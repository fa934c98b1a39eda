"""External tables over Parquet files on S3."""
