"""A source contract as SQL: from columns of texts to typed, validated rows of the canonical review."""

from __future__ import annotations

from datetime import datetime, timedelta

from reviews import outcomes, tables
from reviews.contracts import Source
from reviews.handover import POSITION
from reviews.kernel import columns, sql, typing

_SCALE = (1.0, 5.0)  # every source's ratings are scaled to this range (docs/architecture.md)
_DELETION_TIMES = ("iso", "epoch")  # as loaders write them, for any producer
_CLOCK_TOLERANCE = timedelta(days=1)  # a producer's clock, or local time read as UTC, may be ahead
_FIRST_TIME = "timestamp '1990-01-01 00:00:00'"
_COMPUTED = ("source", "customer_key", "case_key", "attributes")  # of customers and cases


def column(field: str) -> str:
    """Column of the clean reviews that holds a canonical field."""
    return field.replace(".", "_")


def raw(field: str) -> str:
    """Column with the field's text before it is typed; null if the source uses the text for 'no value'."""
    return f"raw_{column(field)}"


def clean_columns(records: str = "reviews") -> dict[str, str]:
    """Column of the clean records that depends on the record → its type in SQL."""
    fields = {column(name): _sql_type(kind) for name, kind in tables.canonical_fields(records).items()}
    if records != "reviews":
        computed = [c.name for c in tables.table(records).columns if c.name in _COMPUTED]
        return dict.fromkeys(computed, "varchar") | fields
    lists = {
        name: "struct({})[]".format(
            ", ".join(f"{sql.name(c)} {_sql_type(kind)}" for c, kind in tables.list_items(name).items())
        )
        for name in tables.LISTS
    }
    texts = dict.fromkeys(("source", "review_key", "rating_raw", "rating_scale", "attributes"), "varchar")
    return texts | fields | lists | {"from_catalogue": "boolean"}


def _sql_type(kind: str) -> str:
    return {"string": "varchar", "array<string>": "varchar[]"}.get(kind, kind)


def query(source: Source, ingested_at: datetime) -> str:
    """Validated rows of the relation `chunk` (see `columns.Reader.read`).

    Columns: place; `POSITION`; those of `clean_columns`; as_of timestamp (when this version of the review
    was made); reasons varchar[] (null if the record can be published); mismatch varchar; lost varchar[] (the
    fields and lists whose values do not have their column's type; null if there are none).
    """
    rules = _rules(source, ingested_at)
    lost = _lost(source)
    return f"""
with raw as (
  select place, {", ".join(POSITION)}, problem, mismatch, attributes,
    {_listed(_raw_columns(source))}
  from chunk
),
typed as (
  select *,
    {_listed(_typed_columns(source))}
  from raw
),
judged as (
  select *, case
    when problem is not null then [problem]
    when {sql.any_of(condition for _, condition in rules)}
      then {_present({condition: sql.text(reason) for reason, condition in rules})}
  end as reasons
  from typed
)
select place, {", ".join(POSITION)},
  {_listed(_clean(source))},
  {_as_of(source, ingested_at)} as as_of,
  reasons, mismatch,
  case when reasons is null and ({sql.any_of(lost.values())})
    then {_present({condition: sql.text(name) for name, condition in lost.items()})} end as lost
from judged
"""


def deletions_query(source: Source, ingested_at: datetime) -> str:
    """Rows of the relation `deletions`: like `chunk`, plus `reason` and `deleted_at` (a text).

    Columns: place; `POSITION`; source; review_key (null if the review is not identified); reason;
    deleted_at timestamp.
    """
    registered, latest = _time(ingested_at), _time(ingested_at + _CLOCK_TOLERANCE)
    said = typing.convert("deleted_at", "timestamp", _DELETION_TIMES)
    return f"""
select place, {", ".join(POSITION)}, {sql.text(source.name)} as source,
  {key_of("identity", sql.text(source.name))} as review_key, reason,
  case when said > {_FIRST_TIME} and said <= {latest} then said else {registered} end
    as deleted_at
from (select *, {_identity(source)} as identity, {said} as said from deletions)
"""


def _as_of(source: Source, ingested_at: datetime) -> str:
    # A catalogue without times describes its products at the time when it arrives.
    otherwise = "created_at" if source.products_of is None else _time(ingested_at)
    return f"coalesce(updated_at, {otherwise})"


def _time(moment: datetime) -> str:
    """A time in UTC as an SQL timestamp literal."""
    return f"timestamp '{moment.replace(tzinfo=None)}'"


def _listed(expressions: dict[str, str]) -> str:
    return ",\n    ".join(f"{expression} as {sql.name(name)}" for name, expression in expressions.items())


def _raw_columns(source: Source) -> dict[str, str]:
    found = {raw(field): _raw(source, field) for field in source.fields}
    return (
        found | {"identity": _identity(source)} | {name: _list_texts(source, name) for name in source.lists}
    )


def _raw(source: Source, field: str) -> str:
    text = sql.name(columns.found(field))
    if source.kinds[field] == "array<string>":
        return text
    present = typing.present(text, source.nulls)
    if known := source.values.get(field):
        arms = " ".join(f"when {sql.text(word)} then {sql.text(value)}" for word, value in known.items())
        return f"case {text} {arms} else {present} end"
    return present


def _identity(source: Source) -> str:
    """The text to hash, after the source, into the review's key (`key_of`); null if a part is missing."""
    names = (
        [columns.found(source.own_id)]
        if source.identity is None
        else [columns.part(n) for n in range(len(source.identity))]
    )
    texts = list(map(sql.name, names))
    filled = " and ".join(f"{text} not in ({sql.texts({'', *source.nulls})})" for text in texts)
    return f"case when {filled} then {_parts(texts)} end"


def _parts(texts: list[str]) -> str:
    # Each part follows its length in characters, so that two lists of parts never give the same text.
    return " || ".join(f"chr(10) || length({text}) || ':' || {text}" for text in texts)


def key_of(identity: str, source: str = "source") -> str:
    """SHA-256 (hexadecimal) of the source's name (an expression), then of each part after a line feed, its
    length and a colon.

    The name never contains a line feed, so keys of two sources cannot collide.
    """
    return f"sha256({source} || {identity})"


def key_of_text(text: str) -> str:
    """`key_of` for an identity of one part."""
    return key_of(_parts([text]))


def _typed_columns(source: Source) -> dict[str, str]:
    typed = {column(field): _typed(source, field) for field in source.fields if field != "rating"}
    typed |= {f"typed_{name}": _list_values(source, name) for name in source.lists}
    if "rating" in source.kinds:
        # Of a source with thumbs only a rating says nothing, whatever a contract maps onto it.
        typed["rating"] = _rating(source) if source.rating and "rating" in source.fields else "null::double"
    absent = [field for field in source.kinds if field not in source.fields and field != "rating"]
    return typed | {column(field): f"null::{_sql_type(source.kinds[field])}" for field in absent}


def _typed(source: Source, field: str) -> str:
    kind = source.kinds[field]
    text = sql.name(raw(field))
    if kind == "array<string>":
        return text
    if field == "language":
        return f"lower({text})"
    value = _converted(source, text, kind)
    return f"case when {value} > {_FIRST_TIME} then {value} end" if field == "updated_at" else value


def _converted(source: Source, text: str, kind: str) -> str:
    """SQL that converts the text to the contracts' type `kind`."""
    if source.decimal_comma and kind in typing.NUMBERS:
        # Points and commas are swapped; after that, the rules of all numbers apply.
        text = f"translate({text}, ',.', '.,')"
    return typing.convert(text, kind, source.timestamps)


def _rating(source: Source) -> str:
    assert source.rating is not None  # noqa: S101 - the caller has asked
    number = _converted(source, sql.name(raw("rating")), "double")
    low, high = source.rating
    scaled = number
    if source.rating != _SCALE:
        step = (_SCALE[1] - _SCALE[0]) / (high - low)
        scaled = f"{_SCALE[0]}::double + ({number} - {low}::double) * {step}::double"
    return f"case when {number} between {low}::double and {high}::double then {scaled} end"


def _list_texts(source: Source, name: str) -> str:
    fields = ", ".join(
        f"{sql.name(c)}: {typing.present(f'item.{sql.name(c)}', source.nulls)}"
        for c in tables.list_items(name)
    )
    return f"list_transform({sql.name(columns.items(name))}, lambda item: {{{fields}}})"


def _list_values(source: Source, name: str) -> str:
    kinds = tables.list_items(name)
    if set(kinds.values()) == {"string"}:
        return sql.name(name)
    fields = ", ".join(f"{sql.name(c)}: {_item_value(source, c, kind)}" for c, kind in kinds.items())
    return f"list_transform({sql.name(name)}, lambda item: {{{fields}}})"


def _item_value(source: Source, item_column: str, kind: str) -> str:
    value = _converted(source, f"item.{sql.name(item_column)}", kind)
    return value if kind == "string" else f"({value})::{_sql_type(kind)}"


def _clean(source: Source) -> dict[str, str]:
    """The columns of `clean_columns`."""
    if source.records != "reviews":
        return _clean_of_crm(source)
    scale = "-".join(f"{bound:g}" for bound in source.rating or ())
    # A separate kind of key: a product of two catalogues is one product, and it is not a review.
    keyed = source.name if source.products_of is None else f"products of {source.products_of}"
    values = {
        "source": sql.text(source.products_of or source.name),
        "review_key": f"case when reasons is null then {key_of('identity', sql.text(keyed))} end",
        "rating_raw": raw("rating") if "rating" in source.fields else "null",
        "rating_scale": sql.text(scale) if scale else "null",
        "attributes": "attributes",
        "from_catalogue": "false" if source.products_of is None else "true",
    }
    values |= {name: f"typed_{name}" if name in source.lists else "null" for name in tables.LISTS}
    return {
        name: f"({values[name]})::{kind}" if name in values else sql.name(name)
        for name, kind in clean_columns().items()
    }


def _clean_of_crm(source: Source) -> dict[str, str]:
    """The same of customers and cases, whose columns have names of their own."""
    values = {
        "source": sql.text(source.name),
        "attributes": "attributes",
        tables.key(source.records): "case when reasons is null then "
        f"{key_of('identity', sql.text(source.name))} end",
    }
    if source.records == "support_cases":
        customer = _parts(["customer_id"])
        values["customer_key"] = key_of(customer, sql.text(source.customers_of))
    return {
        name: f"({values[name]})::{kind}" if name in values else sql.name(name)
        for name, kind in clean_columns(source.records).items()
    }


type _Rule = tuple[str, str]
"""Reason and condition."""


def _rules(source: Source, ingested_at: datetime) -> list[_Rule]:
    """Reasons to reject a record that is a JSON object, in the order of contracts/outcomes.json."""
    limit = _time(ingested_at + _CLOCK_TOLERANCE)
    found: list[_Rule] = []
    if source.products_of is None:
        found += [
            ("MISSING_ID", "identity is null"),
            ("TIMESTAMP_INVALID", f"created_at is null or created_at < {_FIRST_TIME}"),
        ]
    if source.records == "reviews":
        found.append(("MISSING_PRODUCT", f"{sql.name(raw('product_id'))} is null"))
    found += [
        ("TIMESTAMP_FUTURE", f"created_at > {limit} or updated_at > {limit}"),
        ("SCHEMA_MISMATCH", "mismatch is not null"),
    ]
    if source.rating and "rating" in source.fields:
        given = ""
        if source.unrated:
            given = f" and coalesce({sql.name(raw('rating'))}, '') not in ({sql.texts(source.unrated)})"
        found.append(("RATING_INVALID", f"rating is null{given}"))
    return sorted(found, key=lambda rule: outcomes.record_reasons().index(rule[0]))


def _present(values: dict[str, str]) -> str:
    """SQL for the list of the values whose condition is true."""
    arms = ",\n      ".join(f"case when {condition} then {value} end" for condition, value in values.items())
    return f"list_filter([{arms}], lambda value: value is not null)"


def _lost(source: Source) -> dict[str, str]:
    """Field or list → condition under which a value that is there has no typed counterpart."""
    fields = {
        field: f"{sql.name(raw(field))} is not null and {sql.name(column(field))} is null"
        for field in source.fields
        if source.kinds[field] not in ("string", "array<string>")
    }
    # Without an id, the reviewer has no row that could hold their details.
    if "reviewer_id" in source.fields:
        nobody = f"{sql.name(raw('reviewer_id'))} is null"
        fields |= {
            field: f"{nobody} and {sql.name(raw(field))} is not null"
            for field in source.fields
            if field.startswith("reviewer.")
        }
    return fields | {name: lost for name in source.lists if (lost := _list_lost(source, name))}


def _list_lost(source: Source, name: str) -> str | None:
    mapped = source.lists[name].item or {}
    typed = [c for c, kind in tables.list_items(name).items() if c in mapped and kind != "string"]
    if not typed:
        return None
    # Compares nulls before and after typing: a text that became null is lost.
    counts = " or ".join(
        f"len(list_filter({sql.name(name)}, lambda item: item.{sql.name(c)} is not null)) "
        f"> len(list_filter({sql.name(f'typed_{name}')}, lambda item: item.{sql.name(c)} is not null))"
        for c in typed
    )
    return counts
