"""Job 1: every record of the batch validated, typed and standardised; each either published or rejected."""

from __future__ import annotations

from pyspark.sql import DataFrame

from reviews import outcomes, parsing, sql
from reviews.contracts import Source
from reviews.manifest import Manifest
from reviews.mapping import attributes, fields, lists, rules

POSITION = ("file_no", "split_start", "row_id")
PUBLISHED, REJECTED = "published", "rejected"


def clean(records: DataFrame, sources: list[Source], manifest: Manifest) -> DataFrame:
    """One row per record. Columns: status; the record's position (`POSITION`); source; the canonical
    fields and
    lists; of a published record its key and attributes; of a rejected one reasons, details and the record
    itself."""
    parsed = parsing.parse(records)
    found = fields.found_columns(sources) | lists.raw_columns(sources) | attributes.key_columns(sources)
    read = parsed.selectExpr("*", *_aliased(found))
    raw = read.selectExpr("*", *_aliased(fields.raw_columns(sources) | lists.text_columns(sources)))
    typed = raw.selectExpr("*", *_aliased(fields.typed_columns(sources) | lists.typed_columns(sources)))
    checks = rules.rules(sources, manifest.ingested_at)
    accepted = "all_reasons = ''"
    judged = typed.selectExpr(
        "*", f"{_reasons(checks)} as all_reasons", f"{attributes.kept_column(sources)} as {attributes.KEPT}"
    ).selectExpr("*", f"case when {accepted} then {attributes.column(sources)} end as rest")
    names = [*fields.typed_columns(sources), *lists.mapped(sources)]
    return judged.selectExpr(
        f"if({accepted}, '{PUBLISHED}', '{REJECTED}') as status",
        *POSITION,
        "source",
        f"case when {accepted} then unhex({fields.key_of('identity')}) end as review_key",
        *names,
        "nullif(rest, '{}') as attributes",
        "record_bytes",
        f"case when not {accepted} then split(all_reasons, ',') end as reasons",
        f"case when not {accepted} then {_details(checks)} end as details",
        f"case when not {accepted} then coalesce(original, record_text) end as record",
        "case when invalid_bytes is not null then base64(invalid_bytes) end as record_base64",
    )


def _aliased(columns: dict[str, str]) -> list[str]:
    return [f"{expression} as {name}" for name, expression in columns.items()]


def _reasons(checks: list[rules.Rule]) -> str:
    """The record's reasons, in order and separated by commas; empty where it can be published."""
    broken = ", ".join(f"case when {rule.condition} then {sql.text(rule.reason)} end" for rule in checks)
    return (
        "case when problem is not null then problem "
        "when not coalesce(is_whole, false) then 'MALFORMED_JSON' "
        f"when not {parsing.is_object()} then 'NOT_AN_OBJECT' "
        f"else concat_ws(',', {broken}) end"
    )


def _details(checks: list[rules.Rule]) -> str:
    found = ", ".join(
        f"case when array_contains(split(all_reasons, ','), {sql.text(rule.reason)}) then {rule.detail} end"
        for rule in checks
    )
    return f"nullif(array_compact(array({found})), array())"


def counts_by_reason(rows: list[tuple[int, str, int]]) -> dict[int, dict[str, int]]:
    """(file number, all reasons, records) → per file the records by their first reason, in the order of
    precedence."""
    counted: dict[int, dict[str, int]] = {}
    for file_no, reason, records in rows:
        by_reason = counted.setdefault(file_no, {})
        by_reason[reason] = by_reason.get(reason, 0) + records
    order = outcomes.record_reasons()
    return {
        no: {reason: found[reason] for reason in order if reason in found} for no, found in counted.items()
    }
