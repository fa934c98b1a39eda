"""Why a record cannot be published: one condition per reason of contracts/outcomes.json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviews import outcomes, sql
from reviews.contracts import Path, Source
from reviews.mapping import fields
from reviews.mapping.places import DOCUMENT, RECORD, by_source, is_container, is_not, looks_like_container
from reviews.mapping.values import present

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


def _identifying(source: Source) -> list[Path]:
    """Paths of the values that say which review of which product this is."""
    places = [
        *source.fields["product_id"],
        *(source.fields.get("review_id", ()) if source.identity is None else ()),
    ]
    paths = [place.path for place in places if place.path] + list(source.identity or ())
    return list(dict.fromkeys(paths))


def _mismatch(source: Source) -> str:
    return sql.any_of([test for test, _ in _mismatches(source)])


def _mismatched(source: Source) -> str:
    arms = " ".join(f"when {test} then {sql.text(name)}" for test, name in _mismatches(source))
    return f"case {arms} end"


def _mismatches(source: Source) -> list[tuple[str, str]]:
    """(condition, what is wrong): an identifying value that is no text or number, a mapped object that is none."""
    tests = []
    for path in _identifying(source):
        full = (*RECORD, *path)
        text = present(sql.get(DOCUMENT, full, "string"), source.nulls)
        tests.append(
            (f"({looks_like_container(text)} and {is_container(DOCUMENT, full)})", _name(path, "a text"))
        )
    for path in _objects(source):
        full = (*RECORD, *path)
        tests.append((is_not(DOCUMENT, full, "map<string,variant>"), _name(path, "an object")))
    return tests


def _objects(source: Source) -> list[Path]:
    """Paths of the objects that hold mapped fields."""
    paths = [place.path for places in source.fields.values() for place in places] + list(
        source.identity or ()
    )
    prefixes = [path[:end] for path in paths for end in range(1, len(path)) if isinstance(path[end], str)]
    return list(dict.fromkeys(prefixes))


def _name(path: Path, expected: str) -> str:
    return f"{'.'.join(str(key) for key in path)} is not {expected}"
