"""Glue jobs as real processes."""
