"""What no column holds: the `attributes` of a review, a JSON object of the record's own keys.

A key is left out only when everything under it went into columns. Where part of it did not (an unknown
key inside a mapped object, a value that is not of its column's type), the whole value under the record's
key is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from reviews import sql, tables
from reviews.contracts import Path, Source
from reviews.mapping import fields, lists, values
from reviews.mapping.places import DOCUMENT, RECORD, by_source, is_not


def key_columns(sources: list[Source]) -> dict[str, str]:
    """Column → expression over the document: the keys of each object that holds mapped fields."""
    paths = dict.fromkeys(path for source in sources for path in object_paths(source))
    return {keys(p): f"map_keys({sql.get(DOCUMENT, (*RECORD, *p), 'map<string,variant>')})" for p in paths}


def object_paths(source: Source) -> list[Path]:
    """Paths of the objects that hold mapped fields."""
    paths = [place.path for places in source.fields.values() for place in places]
    paths += [path for part in source.identity or () for path in part]
    prefixes = [path[:end] for path in paths for end in range(1, len(path)) if isinstance(path[end], str)]
    return list(dict.fromkeys(prefixes))


def keys(path: Path) -> str:
    """Column that holds the keys of the object at `path`; null where none stands there."""
    return f"`keys:{json.dumps(path)}`"


def is_no_object(path: Path) -> str:
    """True where something other than an object, and not null, stands at `path`."""
    whole = sql.get(DOCUMENT, (*RECORD, *path), "variant")
    return f"({keys(path)} is null and {whole} is not null and not is_variant_null({whole}))"


@dataclass
class _Node:
    """A value of the record, and which of its keys or positions are mapped; none: the value as a whole is."""

    children: dict[sql.Key, _Node] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        if path:
            self.children.setdefault(path[0], _Node()).add(path[1:])


KEPT = "kept_keys"


def kept_column(sources: list[Source]) -> str:
    """Expression over the document, the raw and the typed columns: the mapped keys whose values must be kept
    nevertheless; null where there is none, which is the rule."""
    return by_source(sources, _kept)


def _kept(source: Source) -> str:
    tests = _partly_mapped(source, _mapped_keys(source))
    if not tests:
        return "cast(null as array<string>)"
    keys_kept = ", ".join(f"case when {test} then {sql.text(str(key))} end" for key, test in tests.items())
    return f"case when {' or '.join(tests.values())} then array_compact(array({keys_kept})) end"


def column(sources: list[Source]) -> str:
    """Expression over the document and the kept keys; `{}` where nothing is left."""
    return by_source(sources, _attributes)


def _attributes(source: Source) -> str:
    unmapped = f"key not in ({sql.texts(str(key) for key in _mapped_keys(source).children)})"
    some = f"{unmapped} or array_contains({KEPT}, key)"
    return f"case when {KEPT} is null then {_filtered(unmapped)} else {_filtered(some)} end"


def _filtered(condition: str) -> str:
    everything = sql.get(DOCUMENT, RECORD, "map<string,variant>")
    return f"to_json(map_filter({everything}, (key, value) -> {condition}))"


def _mapped_keys(source: Source) -> _Node:
    root = _Node()
    for part in source.identity or ():
        for path in part:
            root.add(path)
    for places in source.fields.values():
        for place in places:
            root.add(place.path)
    for mapping in source.lists.values():
        for path in mapping.paths:
            root.add(path)
            if not path:
                for places in (mapping.item or {}).values():
                    for place in places:
                        root.add(place.path)
    return root


def _partly_mapped(source: Source, root: _Node) -> dict[sql.Key, str]:
    """Key of the record → condition under which its value must be kept."""
    tests: dict[sql.Key, list[str]] = {key: [] for key in root.children}
    for name, places in source.fields.items():
        for place in places:
            if place.path:
                tests[place.path[0]].append(
                    f"({fields.raw(name)} is not null and {fields.column(name)} is null)"
                )
    for key, node in root.children.items():
        tests[key] += _unknown_in_record((key,), node)
    for name, mapping in source.lists.items():
        for path in mapping.paths:
            if path:
                tests[path[0]].append(_list_loses(source, name))
    return {
        key: sql.any_of(list(dict.fromkeys(conditions))) for key, conditions in tests.items() if conditions
    }


def _unknown_in_record(path: Path, node: _Node) -> list[str]:
    """`_unknown_inside` the record itself, whose objects' keys are in columns."""
    if not node.children or any(isinstance(key, int) for key in node.children):
        return _unknown_inside(DOCUMENT, (*RECORD, *path), node)
    known = sql.texts(str(key) for key in node.children)
    conditions = [f"size(array_except({keys(path)}, array({known}))) > 0"]
    for key, child in node.children.items():
        conditions += _unknown_in_record((*path, key), child)
    return conditions


def _unknown_inside(value: str, path: Path, node: _Node) -> list[str]:
    """Conditions: the object or array at `path` has something that no field reads, or is something else."""
    if not node.children:
        return []
    if all(isinstance(key, int) for key in node.children):
        kind = "array<variant>"
        unknown = f"size({sql.get(value, path, kind)}) > {max(int(key) for key in node.children) + 1}"
    else:
        kind, known = "map<string,variant>", sql.texts(str(key) for key in node.children)
        unknown = f"exists(map_keys({sql.get(value, path, kind)}), k -> k not in ({known}))"
    conditions = [unknown, is_not(value, path, kind)]
    for key, child in node.children.items():
        conditions += _unknown_inside(value, (*path, key), child)
    return conditions


def _list_loses(source: Source, name: str) -> str:
    """Some item of the list holds what its table's columns do not."""
    mapping = source.lists[name]
    if mapping.item is None:
        return f"exists({lists.raw(name)}, item -> not {lists.item_is_plain()})"
    node = _Node()
    for places in mapping.item.values():
        for place in places:
            node.add(place.path)
    unknown = f"exists({lists.raw(name)}, item -> {sql.any_of(_unknown_inside('item', (), node))})"
    typed = {c: kind for c, kind in tables.list_items(name).items() if c in mapping.item and kind != "string"}
    failed = [
        f"({values.present(f'item.{c}', source.nulls)} is not null "
        f"and {lists.item_value(source, c, kind)} is null)"
        for c, kind in typed.items()
    ]
    return f"({unknown} or exists({lists.texts(name)}, item -> {sql.any_of(failed)}))" if failed else unknown
