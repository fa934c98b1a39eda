"""The lists of a review: media, responses, tags."""

from __future__ import annotations

from reviews import sql, tables
from reviews.contracts import ListMapping, Source
from reviews.mapping import values
from reviews.mapping.places import DOCUMENT, RECORD, by_source, first_text

# Where the items of a list are plain texts, the column that takes them.
_PLAIN = {"media": "url", "tags": "tag"}


def raw(name: str) -> str:
    return f"raw_list_{name}"


def mapped(sources: list[Source]) -> list[str]:
    return [name for name in tables.LISTS if any(name in s.lists for s in sources)]


def texts(name: str) -> str:
    return f"text_list_{name}"


def raw_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the parsed document: the list's items as array<variant>."""
    return {raw(name): by_source(sources, _items, name) for name in mapped(sources)}


def _items(source: Source, name: str) -> str | None:
    if name not in source.lists:
        return None
    return sql.coalesce([_items_at(path) for path in source.lists[name].paths])


def _items_at(path: tuple[sql.Key, ...]) -> str:
    full = (*RECORD, *path)
    if not path:
        return f"array({sql.get(DOCUMENT, full, 'variant')})"
    many, one = sql.get(DOCUMENT, full, "array<variant>"), sql.get(DOCUMENT, full, "variant")
    return (
        f"coalesce({many}, case when {one} is not null and not is_variant_null({one}) then array({one}) end)"
    )


def text_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the raw lists: array of structs of texts; null where empty."""
    return {texts(name): by_source(sources, _texts, name) for name in mapped(sources)}


def _texts(source: Source, name: str) -> str | None:
    if name not in source.lists:
        return None
    mapping = source.lists[name]
    struct = ", ".join(f"{sql.text(c)}, {_item_text(mapping, name, c)}" for c in tables.list_items(name))
    return f"case when size({raw(name)}) > 0 then transform({raw(name)}, item -> named_struct({struct})) end"


def _item_text(mapping: ListMapping, name: str, column: str) -> str:
    """Text of a column within the lambda variable `item`."""
    if mapping.item is None:
        if column != _PLAIN.get(name):
            return "cast(null as string)"
        return f"case when {item_is_plain()} then trim(try_cast(item as string)) end"
    places = mapping.item.get(column)
    return first_text("item", (), places) if places else "cast(null as string)"


def typed_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the text lists: array of structs of the table's own columns."""
    return {name: by_source(sources, _typed, name) for name in mapped(sources)}


def _typed(source: Source, name: str) -> str | None:
    if name not in source.lists:
        return None
    struct = ", ".join(
        f"{sql.text(c)}, cast({item_value(source, c, kind)} as {kind})"
        for c, kind in tables.list_items(name).items()
    )
    return f"transform({texts(name)}, item -> named_struct({struct}))"


def item_value(source: Source, column: str, kind: str) -> str:
    """A column's value within the lambda variable `item`, a struct of texts."""
    return values.convert(f"({values.present(f'item.{column}', source.nulls)})", kind, source.timestamps)


def item_is_plain() -> str:
    """True where the lambda variable `item` is neither an object nor an array."""
    return "(try_cast(item as map<string,variant>) is null and try_cast(item as array<variant>) is null)"
