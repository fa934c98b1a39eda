"""Glue job 3: the rows of many small batches in few large files, which take the place of the batches' own."""
