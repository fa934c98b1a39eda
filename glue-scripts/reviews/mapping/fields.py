"""The canonical fields of a review: first as the source's texts, then as typed values."""

from __future__ import annotations

from reviews import sql, tables
from reviews.contracts import Source
from reviews.mapping import values
from reviews.mapping.places import DOCUMENT, RECORD, by_source, first_text, is_container, looks_like_container

_SCALE = (1.0, 5.0)  # onto which every source's ratings are scaled (docs/architecture.md)


def column(field: str) -> str:
    """Column of the clean reviews that holds a canonical field."""
    return field.replace(".", "_")


def raw(field: str) -> str:
    """Column that holds the field's text before it is typed."""
    return f"raw_{column(field)}"


def mapped(sources: list[Source]) -> list[str]:
    """The canonical fields that any of the sources maps, in the order of the tables."""
    return [field for field in tables.canonical_fields() if any(field in s.fields for s in sources)]


def found_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the parsed document: the text of every mapped field and of the identity's
    parts.

    Reading a VARIANT is what costs: here every value is read once, and all that follows refers to these
    columns.
    """
    columns = {found(field): by_source(sources, _found, field) for field in mapped(sources)}
    for number in range(max(len(source.identity or ()) for source in sources)):
        columns[part(number)] = by_source(sources, _part, number)
    return columns


def found(field: str) -> str:
    return f"found_{column(field)}"


def part(number: int) -> str:
    """Column with the text of one part of a natural key."""
    return f"part_{number}"


def _found(source: Source, field: str) -> str | None:
    places = source.fields.get(field)
    if places is None:
        return None
    if tables.canonical_fields()[field] == "array<string>":
        return _texts(source, field)
    return first_text(DOCUMENT, RECORD, places)


def _part(source: Source, number: int) -> str | None:
    if source.identity is None or number >= len(source.identity):
        return None
    texts = [sql.get(DOCUMENT, (*RECORD, *path), "string") for path in source.identity[number]]
    return f"trim({sql.coalesce(texts)})"


def _texts(source: Source, field: str) -> str:
    """A list of texts; one text alone counts as a list of one."""
    lists = []
    for place in source.fields[field]:
        path = (*RECORD, *place.path)
        one = sql.get(DOCUMENT, path, "string")
        lists += [
            sql.get(DOCUMENT, path, "array<string>"),
            f"case when {one} is not null then array({one}) end",
        ]
    return sql.coalesce(lists)


def raw_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the found texts: null where the source means no value, its words
    translated."""
    columns = {raw(field): by_source(sources, _raw, field) for field in mapped(sources)}
    return columns | {"identity": by_source(sources, _identity)}


def _raw(source: Source, field: str) -> str | None:
    if field not in source.fields:
        return None
    text = found(field)
    if tables.canonical_fields()[field] == "array<string>":
        return text
    if known := source.values.get(field):
        arms = " ".join(f"when {sql.text(word)} then {sql.text(value)}" for word, value in known.items())
        return f"case {text} {arms} else {values.present(text, source.nulls)} end"
    return values.present(text, source.nulls)


def _identity(source: Source) -> str:
    """What the review's key is the hash of, after the source: see `key_of`. Null where a part is missing."""
    texts = (
        [found("review_id")] if source.identity is None else [part(n) for n in range(len(source.identity))]
    )
    filled = " and ".join(f"{text} not in ({sql.texts({'', *source.nulls})})" for text in texts)
    return f"case when {filled} then {_parts(texts)} end"


def _parts(texts: list[str]) -> str:
    # Each part after its length in characters: no two lists of parts give the same text.
    return "concat(" + ", ".join(f"'\\n', char_length({text}), ':', {text}" for text in texts) + ")"


def key_of(identity: str) -> str:
    """SHA-256 (hexadecimal) of the source's name and, for each part, a line feed, its length and a colon
    before it.

    The name never holds a line feed, so keys of two sources do not meet.
    """
    return f"sha2(concat(source, {identity}), 256)"


def key_of_text(text: str) -> str:
    """`key_of` an identity of one part."""
    return key_of(_parts([text]))


def typed_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the raw columns; null where the text is no value of the column's type."""
    columns = {}
    for field in mapped(sources):
        columns[column(field)] = by_source(sources, _typed, field)
    columns["rating_raw"] = raw("rating") if "rating" in mapped(sources) else "null"
    columns["rating_scale"] = by_source(sources, lambda s: sql.text(scale_text(s)) if s.rating else None)
    return columns


def _typed(source: Source, field: str) -> str | None:
    if field not in source.fields:
        return None
    kind, text = tables.canonical_fields()[field], raw(field)
    if kind == "array<string>":
        return text
    if field == "rating":
        return _rating(source)
    if field == "updated_at":
        return _after_1990(values.timestamp(text, source.timestamps))
    if kind == "string":
        value = f"lower({text})" if field == "language" else text
        wrong = f"{looks_like_container(text)} and {_from_container(source, field)}"
        return f"case when not ({wrong}) then {value} end"
    return values.convert(text, kind, source.timestamps)


def _after_1990(time: str) -> str:
    return f"nullif(greatest({time}, {FIRST_TIME}), {FIRST_TIME})"


FIRST_TIME = "timestamp'1990-01-01 00:00:00'"


def _from_container(source: Source, field: str) -> str:
    paths = [(*RECORD, *place.path) for place in source.fields[field] if place.file_name is None]
    return sql.any_of([is_container(DOCUMENT, path) for path in paths])


def _rating(source: Source) -> str:
    if source.rating is None:
        return "null"
    number = values.convert(raw("rating"), "double", source.timestamps)
    low, high = source.rating
    scaled = number
    if source.rating != _SCALE:
        step = (_SCALE[1] - _SCALE[0]) / (high - low)
        scaled = f"{_SCALE[0]}D + ({number} - {low}D) * {step}D"
    return f"case when {number} between {low}D and {high}D then {scaled} end"


def scale_text(source: Source) -> str:
    """The source's scale, for example '1-5'."""
    return "-".join(f"{bound:g}" for bound in source.rating or ())
