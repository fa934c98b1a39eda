"""The envelopes of contracts/envelopes.json as conditions on a parsed record.

The loader refuses unknown keys, so a mistake in the contract stops the job before a record is read.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

from reviews import tables
from reviews.errors import ContractError

Path = tuple[str, ...]

_WHERE = "contracts/envelopes.json"
_KEYS = {
    "name", "description", "keys", "anyOf", "optional", "where", "record", "notation",
    "deletedWhen", "deleted",
}  # fmt: skip
_NOTATIONS = ("json", "dynamodb")


@dataclass(frozen=True)
class Condition:
    path: Path
    values: tuple[Any, ...]
    wanted: bool
    """Whether the value must be one of `values`, or must not."""

    def holds(self, record: dict[str, Any]) -> bool:
        return (at(record, self.path) in self.values) is self.wanted


@dataclass(frozen=True)
class Deletion:
    """How a record describes the review that was deleted."""

    when: Condition
    records: tuple[Path, ...]
    """Where the values are that identify the review; the first path with an object counts. Empty: as in any
    record."""
    at: tuple[Path, ...]
    reason: str


@dataclass(frozen=True)
class Envelope:
    name: str
    keys: frozenset[str]
    any_of: frozenset[str]
    """Keys of which at least one must exist: the search for the envelope uses them."""
    own: frozenset[str]
    """Every key of the envelope."""
    where: Condition | None
    record: Path | None
    """None: the envelope's keys are on the same level as the record's keys."""
    notation: str
    deletion: Deletion | None

    def is_around(self, value: dict[str, Any]) -> bool:
        """Whether `value` has this envelope. A value with an unknown key does not: that key would be lost."""
        found = value.keys()
        return (
            self.keys <= found
            and not self.any_of.isdisjoint(found)
            and (self.record is None or found <= self.own)
            and (self.where is None or self.where.holds(value))
        )


def at(value: Any, path: Path) -> Any:
    """The value at the path; None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@functools.cache
def load() -> tuple[Envelope, ...]:
    """Every envelope, in the order of the attempts.

    Raises:
        ContractError: the contract has an unknown key or notation.
    """
    document = json.loads(tables.read_contract("envelopes.json"))
    return tuple(_envelope(entry) for entry in document["records"])


def _envelope(entry: dict[str, Any]) -> Envelope:
    name = entry["name"]
    if unknown := sorted(set(entry) - _KEYS):
        raise ContractError(f"{_WHERE}: {name}: {unknown[0]!r} is not known; allowed are {sorted(_KEYS)}")
    notation = entry.get("notation", "json")
    if notation not in _NOTATIONS:
        raise ContractError(f"{_WHERE}: {name}: notation is {notation!r}, not one of {_NOTATIONS}")
    keys, any_of = frozenset(entry["keys"]), frozenset(entry.get("anyOf", ()))
    if not keys and not any_of:
        raise ContractError(f"{_WHERE}: {name}: neither keys nor anyOf has a key that identifies it")
    return Envelope(
        name=name,
        keys=keys,
        any_of=any_of or frozenset(entry["keys"][:1]),
        own=keys | any_of | frozenset(entry.get("optional", ())),
        where=_condition(entry.get("where")),
        record=tuple(entry["record"]) if "record" in entry else None,
        notation=notation,
        deletion=_deletion(entry),
    )


def _deletion(entry: dict[str, Any]) -> Deletion | None:
    when = _condition(entry.get("deletedWhen"))
    if when is None:
        return None
    said = entry.get("deleted", {})
    return Deletion(
        when,
        tuple(map(tuple, said.get("records", ()))),
        tuple(map(tuple, said.get("at", ()))),
        said.get("reason", "SOURCE"),
    )


def _condition(entry: dict[str, Any] | None) -> Condition | None:
    if entry is None:
        return None
    wanted = "is" in entry
    return Condition(tuple(entry["path"]), tuple(entry["is" if wanted else "isNot"]), wanted)
