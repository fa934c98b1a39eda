"""Why a record cannot be published: one condition per reason of contracts/outcomes.json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviews import outcomes, sql
from reviews.contracts import Path, Source
from reviews.mapping import attributes, fields
from reviews.mapping.places import DOCUMENT, RECORD, by_source, is_container, looks_like_container

_CLOCK_TOLERANCE = timedelta(days=1)  # a producer's clock, or its local time taken for UTC, may be ahead
_DETAIL_CHARACTERS = 100


@dataclass(frozen=True)
class Rule:
    reason: str
    condition: str
    detail: str
    """Expression: the field and its offending value."""


def rules(sources: list[Source], ingested_at: datetime) -> list[Rule]:
    """The rules of a record that is a JSON object, in the order of contracts/outcomes.json."""
    limit = f"timestamp'{ingested_at + _CLOCK_TOLERANCE}'"
    updated = fields.column("updated_at") if "updated_at" in fields.mapped(sources) else "null"
    found = [
        Rule("MISSING_ID", "identity is null", sql.text("identity")),
        Rule("MISSING_PRODUCT", "product_id is null and raw_product_id is null", sql.text("product_id")),
        Rule(
            "TIMESTAMP_INVALID",
            f"created_at is null or created_at < {fields.FIRST_TIME}",
            _detail("created_at"),
        ),
        Rule("TIMESTAMP_FUTURE", f"created_at > {limit} or {updated} > {limit}", _detail("created_at")),
        Rule("SCHEMA_MISMATCH", by_source(sources, _mismatch), by_source(sources, _mismatched)),
    ]
    if "rating" in fields.mapped(sources):
        condition = by_source(sources, lambda s: "rating is null" if s.rating else None)
        found.append(Rule("RATING_INVALID", condition, _detail("rating")))
    return sorted(found, key=lambda rule: outcomes.record_reasons().index(rule.reason))


def _detail(field: str) -> str:
    value = f"coalesce({fields.raw(field)}, 'missing')"
    return f"concat({sql.text(field + '=')}, left({value}, {_DETAIL_CHARACTERS}))"


def _identifying(source: Source) -> dict[Path, str]:
    """Path → column of its text, of the values that say which review of which product this is."""
    columns = {place.path: fields.found("product_id") for place in source.fields["product_id"] if place.path}
    if source.identity is None:
        return columns | {place.path: fields.found("review_id") for place in source.fields["review_id"]}
    return columns | {
        path: fields.part(number) for number, paths in enumerate(source.identity) for path in paths
    }


def _mismatch(source: Source) -> str:
    return sql.any_of([test for test, _ in _mismatches(source)])


def _mismatched(source: Source) -> str:
    arms = " ".join(f"when {test} then {sql.text(name)}" for test, name in _mismatches(source))
    return f"case {arms} end"


def _mismatches(source: Source) -> list[tuple[str, str]]:
    """(condition, what is wrong): an identifying value that is no text or number, a mapped object that is
    none."""
    tests = []
    for path, text in _identifying(source).items():
        full = (*RECORD, *path)
        tests.append(
            (f"({looks_like_container(text)} and {is_container(DOCUMENT, full)})", _name(path, "a text"))
        )
    for path in attributes.object_paths(source):
        tests.append((attributes.is_no_object(path), _name(path, "an object")))
    return tests


def _name(path: Path, expected: str) -> str:
    return f"{'.'.join(str(key) for key in path)} is not {expected}"
