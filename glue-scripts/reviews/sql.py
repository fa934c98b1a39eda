"""Quoting for Spark SQL texts; nothing outside this module puts quotes around a value."""

from __future__ import annotations

from collections.abc import Iterable

from reviews.errors import ContractError

Key = str | int


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def texts(values: Iterable[str]) -> str:
    """A comma-separated list of string literals, in a fixed order."""
    return ", ".join(text(value) for value in sorted(values))


def variant_path(keys: Iterable[Key]) -> str:
    """A literal with the path of `variant_get` that leads along `keys`, each taken as it stands."""
    return text("$" + "".join(_segment(key) for key in keys))


def _segment(key: Key) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    # The path grammar knows no escape: a key goes into the kind of quotes that it does not hold.
    if '"' not in key:
        return f'["{key}"]'
    if "'" not in key:
        return f"['{key}']"
    raise ContractError(f"key {key!r} holds both kinds of quotes, which a variant path cannot say")


def get(value: str, keys: Iterable[Key], kind: str) -> str:
    """The value at `keys` inside the VARIANT expression `value`, or null where it is absent or no `kind`."""
    return f"try_variant_get({value}, {variant_path(keys)}, {text(kind)})"


def coalesce(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def any_of(conditions: list[str]) -> str:
    """True where one of the conditions is; a condition that is null counts as false."""
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"
