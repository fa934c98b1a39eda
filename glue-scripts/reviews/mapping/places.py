"""Where a source keeps its values: contract places as expressions over the parsed record."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reviews import sql
from reviews.contracts import Path, Place, Source

# The parser reads each line as the array [record, sentinel] (see parsing.py): the record is its first
# element.
DOCUMENT = "document"
RECORD: Path = (0,)


def by_source(sources: list[Source], expression: Callable[..., str | None], *arguments: object) -> str:
    """One expression over all sources of the batch: `expression(source, *arguments)`, by source where
    they differ."""
    texts = {source.name: expression(source, *arguments) or "null" for source in sources}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    arms = " ".join(f"when {sql.text(name)} then {text}" for name, text in texts.items() if text != "null")
    return f"case source {arms} end"


def text_at(value: str, base: Path, place: Place) -> str:
    """The text at a place within the VARIANT expression `value`, trimmed; a file name's is in a column."""
    if place.file_name is not None:
        return file_name_column(place.file_name)
    text = f"trim({sql.get(value, (*base, *place.path), 'string')})"
    if place.match is not None:
        text = f"regexp_extract({text}, {sql.text(place.match)}, 1)"
    return text


def first_text(value: str, base: Path, places: Iterable[Place]) -> str:
    return sql.coalesce([text_at(value, base, place) for place in places])


def file_name_column(pattern: str) -> str:
    """Column of the batch's files that holds what `pattern` finds in the object key."""
    return f"`key:{pattern}`"


def file_name_patterns(sources: Iterable[Source]) -> set[str]:
    places = (place for source in sources for field in source.fields.values() for place in field)
    return {place.file_name for place in places if place.file_name is not None}


def is_container(value: str, path: Path) -> str:
    """True where an object or an array stands at `path`."""
    found = [
        f"{sql.get(value, path, kind)} is not null" for kind in ("map<string,variant>", "array<variant>")
    ]
    return f"({' or '.join(found)})"


def is_not(value: str, path: Path, kind: str) -> str:
    """True where something other than null stands at `path` that is not of VARIANT cast `kind`."""
    whole, found = sql.get(value, path, "variant"), sql.get(value, path, kind)
    return f"({found} is null and {whole} is not null and not is_variant_null({whole}))"


def looks_like_container(text: str) -> str:
    """A cheap test first: a VARIANT's object or array as text starts with its bracket."""
    return f"left({text}, 1) in ('{{', '[')"
