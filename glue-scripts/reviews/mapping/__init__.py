"""Source contracts as Spark SQL: from a parsed record (VARIANT) to the canonical review, in one pass."""
