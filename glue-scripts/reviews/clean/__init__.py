"""Glue job 1: every record of the batch either can be published or is rejected with its reasons."""
