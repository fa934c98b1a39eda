"""Glue job 1: decides for every record of the batch whether to publish it, or to reject it with reasons."""
