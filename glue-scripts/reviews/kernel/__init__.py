"""The only implementation of the semantics: records in, typed and validated rows out.

parsing → columns → mapping: bytes to Python values (msgspec), values to Arrow columns of texts (by the
contract), texts to typed and validated rows by generated SQL (DuckDB). Nothing here knows files, batches or
Spark: `kernel.Kernel` takes a list of records and can run in any process.
"""
