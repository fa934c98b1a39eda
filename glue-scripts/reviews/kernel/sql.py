"""Quoting for DuckDB's SQL; no other module puts quotes around a value or a name."""

from __future__ import annotations

from collections.abc import Iterable


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A comma-separated list of string literals, in a fixed order."""
    return ", ".join(text(value) for value in sorted(values))


def name(value: str) -> str:
    """An identifier."""
    return '"' + value.replace('"', '""') + '"'


def coalesce(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def any_of(conditions: Iterable[str]) -> str:
    """True if one of the conditions is true; a null condition counts as false."""
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"
