"""Glue job 3: merges the rows of many small batches into a few large files, which replace theirs."""
