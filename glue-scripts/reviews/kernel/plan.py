"""Which parts of a record its source contract reads: computed once, used for every record."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from reviews.contracts import Key, Path, Place, Source


@dataclass
class Node:
    """A value of the record, and its mapped keys or positions; if it has none, the whole value is mapped."""

    children: dict[Key, Node] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        if path:
            self.children.setdefault(path[0], Node()).add(path[1:])

    @property
    def is_array(self) -> bool:
        return bool(self.children) and all(isinstance(key, int) for key in self.children)

    @functools.cached_property
    def known(self) -> frozenset[Key]:
        return frozenset(self.children)


def mapped_keys(source: Source) -> Node:
    """Every part of a record that the contract maps completely onto a column or list.

    Parts that only a pattern reads, or that are only used in a key, are excluded: no column holds them fully.
    """
    root = Node()
    for field_name, places in source.fields.items():
        if has_row(source, field_name):
            _add_whole(root, places)
    for mapping in source.lists.values():
        for path in mapping.paths:
            root.add(path)
            if not path:
                for places in (mapping.item or {}).values():
                    _add_whole(root, places)
    return root


def item_keys(places_by_column: dict[str, tuple[Place, ...]]) -> Node:
    """Every part of a list item that goes completely into a column."""
    root = Node()
    for places in places_by_column.values():
        _add_whole(root, places)
    return root


def has_row(source: Source, field_name: str) -> bool:
    """Whether a row can hold the field: a reviewer's details need the reviewer's id."""
    return not field_name.startswith("reviewer.") or "reviewer_id" in source.fields


def _add_whole(root: Node, places: Iterable[Place]) -> None:
    for place in places:
        if place.match is None and place.file_name is None:
            root.add(place.path)


def object_paths(source: Source) -> list[Path]:
    """Paths of the objects that contain mapped fields, outer objects first."""
    paths = [place.path for places in source.fields.values() for place in places]
    paths += [path for part in source.identity or () for path in part]
    prefixes = [path[:end] for path in paths for end in range(1, len(path)) if isinstance(path[end], str)]
    return list(dict.fromkeys(prefixes))


def identifying_paths(source: Source) -> list[Path]:
    """Paths of the values that, whole, say which review of which product this is, or which customer or
    case."""
    names = ["product_id"] if source.records == "reviews" else []
    names += [] if source.identity or source.own_id in names else [source.own_id]
    paths = [p.path for name in names for p in source.fields[name] if p.path and p.match is None]
    paths += [path for part in source.identity or () for path in part]
    return list(dict.fromkeys(paths))


def file_name_patterns(source: Source) -> set[str]:
    """Patterns that the contract looks for in the object key."""
    return {
        place.file_name
        for places in source.fields.values()
        for place in places
        if place.file_name is not None
    }
