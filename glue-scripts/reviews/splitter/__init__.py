"""Splits files of any supported form into records, as a stream: never a whole file in memory."""
