"""Glue job 2: writes the clean reviews of a batch as the flat, published tables of contracts/tables."""
