"""The one implementation of the semantics: records in, typed and judged rows out.

parsing → columns → mapping: bytes to Python values (msgspec), values to Arrow columns of texts by the
source's
contract, texts to typed and judged rows by generated SQL (DuckDB). Nothing here knows of files, batches or
Spark: `kernel.Kernel` takes a list of records and can run in any process.
"""
