"""Converts parsed records of one source to an Arrow table of texts: a column per mapped field and list.

The work goes column by column: each inner loop is one built-in over all records (map, zip, a comprehension),
which makes it fast. Values that a column cannot hold are noted by record.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pyarrow as pa

from reviews import tables
from reviews.contracts import Key, ListMapping, Path, Place, Source
from reviews.kernel import details, plan, texts
from reviews.kernel.parsing import Number, Unreadable, dumps

# For lists whose items are plain texts: the column that holds the text.
PLAIN_ITEM = {"media": "url", "tags": "tag"}

_EXACT_BELOW = 1 << 53

_NOTHING: dict[str, Any] = {}
_get = dict.get


def found(field_name: str) -> str:
    """Column with the original text of a canonical field."""
    return f"found_{field_name}"


def part(number: int) -> str:
    """Column with the text of one part of a natural key."""
    return f"part_{number}"


def items(list_name: str) -> str:
    """Column with the items of a list, as structs of texts."""
    return f"items_{list_name}"


@dataclass
class Columns:
    """The table of one chunk of records, and what it cannot hold."""

    table: pa.Table
    kept: dict[int, set[Key]]
    """Place of a record → its keys whose full values must be kept, because no column holds all of them."""


class Reader:
    """Reads chunks of parsed records by one contract."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root = plan.mapped_keys(source)
        self.leading = {places[0].path for places in source.fields.values() if places[0].match is None}
        """Paths whose value, if there is one, always becomes a field's value: no other path precedes them."""
        self.digits = {
            place.path: count for name, count in source.digits.items() for place in source.fields[name]
        }
        """Path of an id of digits → its number of digits."""
        self.object_paths = plan.object_paths(source)
        self.identifying = plan.identifying_paths(source)
        self.items = {name: plan.item_keys(m.item) for name, m in source.lists.items() if m.item is not None}
        self.patterns = {pattern: re.compile(pattern) for pattern in self._patterns()}

    def _patterns(self) -> Iterable[str]:
        for places in self.source.fields.values():
            yield from (place.match for place in places if place.match is not None)
        for mapping in self.source.lists.values():
            for places in (mapping.item or {}).values():
                yield from (place.match for place in places if place.match is not None)

    def read(
        self, values: Sequence[Any], file_values: Mapping[str, Sequence[str | None]], first: int = 0
    ) -> Columns:
        """`values`: as `parsing.parse` returns them; `file_values`: what each file-name pattern found, by
        record; `first`: the place of the first record.

        Columns: place int, problem string (a reason, if the record is not an object), mismatch string
        (which value has another type than the contract says), per field `found_<field>` string (array of
        strings for lists of texts), `part_<n>` string, `items_<list>` list of structs of strings,
        attributes string.
        """
        return _Reading(self, values, file_values, first).columns()

    def keys_of(self, name: str) -> set[Key]:
        """The record's top-level keys that may hold a field or list."""
        if name in self.source.fields:
            return {place.path[0] for place in self.source.fields[name] if place.path}
        mapping = self.source.lists[name]
        keys = {path[0] for path in mapping.paths if path}
        if () in mapping.paths:  # the record itself is the only item
            keys |= {place.path[0] for places in (mapping.item or {}).values() for place in places}
        return keys

    def attributes(self, record: dict[str, Any], kept: Iterable[Key] = ()) -> str | None:
        """JSON of the keys that no column holds, and of the `kept` keys; None if there are none."""
        known = self.root.known.difference(kept)
        left = {key: value for key, value in record.items() if key not in known}
        return dumps(left) if left else None


class _Reading:
    def __init__(
        self,
        reader: Reader,
        values: Sequence[Any],
        file_values: Mapping[str, Sequence[str | None]],
        first: int,
    ) -> None:
        self.reader = reader
        self.source = reader.source
        self.file_values = file_values
        self.first = first
        self.kept: dict[int, set[Key]] = {}
        self.problems: dict[int, str] = {}
        self.records = self._records(values)
        self._values: dict[Path, list[Any]] = {(): self.records}
        self._objects: dict[Path, list[dict[str, Any]]] = {(): self.records}

    def _records(self, values: Sequence[Any]) -> list[Any]:
        if set(map(type, values)) <= {dict}:
            return list(values)
        for place, value in enumerate(values):
            if type(value) is not dict:
                self.problems[place] = value.reason if isinstance(value, Unreadable) else "NOT_AN_OBJECT"
        return [value if type(value) is dict else _NOTHING for value in values]

    def columns(self) -> Columns:
        count = len(self.records)
        found_columns: dict[str, pa.Array] = {
            "place": pa.array(range(self.first, self.first + count), pa.int32())
        }
        mismatch = self._mismatches()
        for name in self.source.fields:
            found_columns[found(name)] = self._field(name)
        for number, paths in enumerate(self.source.identity or ()):
            found_columns[part(number)] = texts.strings(functools.reduce(_first, map(self.values, paths)))
        for name, mapping in self.source.lists.items():
            found_columns[items(name)] = self._list(name, mapping)
        for key, node in self.reader.root.children.items():
            self._note_unmapped(key, node, self.values((key,)))
        found_columns["problem"] = texts.sparse(self.problems, count)
        found_columns["mismatch"] = texts.sparse(mismatch, count)
        found_columns["attributes"] = self._attributes()
        kept = {self.first + number: keys for number, keys in self.kept.items()}
        return Columns(pa.table(found_columns), kept)

    def values(self, path: Path) -> list[Any]:
        """The value at `path` of each record; None if there is none."""
        if path not in self._values:
            key = path[-1]
            if isinstance(key, int):
                self._values[path] = _inside(self.values(path[:-1]), key)
            else:
                self._values[path] = list(map(_get, self.objects(path[:-1]), repeat(key)))
            if path in self.reader.digits:
                self._values[path] = _padded(self._values[path], self.reader.digits[path])
        return self._values[path]

    def objects(self, path: Path) -> list[dict[str, Any]]:
        """The object at `path` of each record; an empty one if there is no object."""
        if path not in self._objects:
            values = self.values(path)
            if not set(map(type, values)) <= {dict}:
                values = [value if type(value) is dict else _NOTHING for value in values]
            self._objects[path] = values
        return self._objects[path]

    def _mismatches(self) -> dict[int, str]:
        """Place → the mismatch: an identifying value that is not a text or number, or a mapped non-object."""
        wrong = self._foreign()
        for path in self.reader.identifying:
            values = self.values(path)
            if not {dict, list, Number}.isdisjoint(map(type, values)):
                for place, value in enumerate(values):
                    if type(value) in (dict, list):
                        wrong.setdefault(place, details.mismatch(path, value, "a text"))
                    elif has_lost_digits(value):
                        wrong.setdefault(place, details.mismatch(path, value, "an id with all its digits"))
        for path in self.reader.object_paths:
            values = self.values(path)
            if not set(map(type, values)) <= {dict, type(None)}:
                for place, value in enumerate(values):
                    if value is not None and type(value) is not dict:
                        wrong.setdefault(place, details.mismatch(path, value, "an object"))
        return wrong

    def _foreign(self) -> dict[int, str]:
        return {
            place: f'"{key}" is there, which no record of the catalogue has'
            for key in reversed(self.source.foreign)
            for place, value in enumerate(self.values((key,)))
            if value is not None
        }

    def _field(self, name: str) -> pa.Array:
        places = self.source.fields[name]
        kind = self.source.kinds[name]
        if kind == "array<string>":
            return texts.lists(self._chosen(places))
        found_values = self._chosen(places)
        if name == self.source.person and Number in set(map(type, found_values)):
            self._keep_damaged(name, found_values)
        if kind == "string" and not {dict, list}.isdisjoint(map(type, found_values)):
            self._keep_containers(name, found_values)
        return texts.strings(found_values)

    def _chosen(self, places: Sequence[Place]) -> list[Any]:
        """The first value that is not null; a record's other values are kept, since the column holds one."""
        chosen = self._at(places[0])
        for place in places[1:]:
            others = self._at(place)
            if place.match is None and place.path and place.path not in self.reader.leading:
                for number in _passed_over(chosen, others):
                    self._keep(number, {place.path[0]})
            chosen = _first(chosen, others)
        return chosen

    def _keep_containers(self, name: str, found_values: list[Any]) -> None:
        """A text column cannot hold an object or array: its keys are kept, and the value is null."""
        identifies = {place.path for place in self.source.fields[name]} & set(self.reader.identifying)
        for place, value in enumerate(found_values):
            if type(value) in (dict, list):
                found_values[place] = dumps(value) if identifies else None
                self._keep(place, self.reader.keys_of(name))

    def _keep_damaged(self, name: str, found_values: list[Any]) -> None:
        """An id of which digits are lost may be that of several persons: it is kept, and names none."""
        for place, value in enumerate(found_values):
            if has_lost_digits(value):
                found_values[place] = None
                self._keep(place, self.reader.keys_of(name))

    def _keep(self, place: int, keys: set[Key]) -> None:
        self.kept.setdefault(place, set()).update(keys)

    def _at(self, place: Place) -> list[Any]:
        if place.file_name is not None:
            return list(self.file_values[place.file_name])
        values = self.values(place.path)
        return _split(values, place.split) if place.split else self._matched(values, place.match)

    def _matched(self, values: list[Any], match: str | None) -> list[Any]:
        if match is None:
            return values
        search = self.reader.patterns[match].search
        shown = (None if value is None else texts.text(value).strip(" ") for value in values)
        return [None if each is None else (m.group(1) or "") if (m := search(each)) else "" for each in shown]

    def _list(self, name: str, mapping: ListMapping) -> pa.Array:
        lists = self._lists_at(mapping.paths[0])
        for path in mapping.paths[1:]:
            others = self._lists_at(path)
            for place in _passed_over(lists, others):
                self._keep(place, set(path[:1]))
            lists = _first(lists, others)
        flat = [item for one in lists if one for item in one]
        offsets, end = [0], 0
        for one in lists:
            end += len(one) if one else 0
            offsets.append(end)
        columns, lossy = self._items(name, mapping, flat)
        if lossy:
            self._keep_lists(name, lists, lossy)
        structs = pa.StructArray.from_arrays(list(columns.values()), list(columns))
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), structs, mask=pa.array([not one for one in lists], pa.bool_())
        )

    def _lists_at(self, path: Path) -> list[Any]:
        values = self.values(path)
        if path and set(map(type, values)) <= {list, type(None)}:
            return values
        return [
            None if value is None else value if path and type(value) is list else [value] for value in values
        ]

    def _items(
        self, name: str, mapping: ListMapping, flat: list[Any]
    ) -> tuple[dict[str, pa.Array], set[int]]:
        """Column → texts of all lists' items, in order; and the items with more content than the columns."""
        kinds = set(map(type, flat))
        if mapping.item is None:
            lossy = (
                {n for n, item in enumerate(flat) if type(item) in (dict, list)}
                if kinds & {dict, list}
                else set()
            )
            whole = [None if n in lossy else item for n, item in enumerate(flat)] if lossy else flat
            plain = texts.strings(whole)
            nulls = pa.nulls(len(flat), pa.string())
            return {c: plain if c == PLAIN_ITEM.get(name) else nulls for c in tables.list_items(name)}, lossy
        objects = flat if kinds <= {dict} else [item if type(item) is dict else _NOTHING for item in flat]
        # If the item is the record itself, the record already keeps what is not mapped.
        columns, lossy = {}, set() if () in mapping.paths else _unmapped(flat, self.reader.items[name])
        for column in tables.list_items(name):
            chosen: list[Any] = [None] * len(flat)
            for place in mapping.item.get(column, ()):
                others = self._within(objects, place)
                lossy |= _passed_over(chosen, others)
                chosen = _first(chosen, others)
            columns[column] = texts.strings(chosen)
        return columns, lossy

    def _within(self, objects: list[Any], place: Place) -> list[Any]:
        values: list[Any] = objects
        for key in place.path:
            values = _inside(values, key)
        return self._matched(values, place.match)

    def _keep_lists(self, name: str, lists: list[Any], lossy: set[int]) -> None:
        number = 0
        for place, one in enumerate(lists):
            size = len(one) if one else 0
            if any(n in lossy for n in range(number, number + size)):
                self._keep(place, self.reader.keys_of(name))
            number += size

    def _note_unmapped(self, key: Key, node: plan.Node, values: list[Any]) -> None:
        for place in _unmapped(values, node):
            self._keep(place, {key})

    def _attributes(self) -> pa.Array:
        holds_all = self.reader.root.known.issuperset
        kept = self.kept
        if not kept and all(map(holds_all, self.records)):
            return pa.nulls(len(self.records), pa.string())
        return pa.array(
            [
                self.reader.attributes(record, kept.get(place, ()))
                if place in kept or not holds_all(record)
                else None
                for place, record in enumerate(self.records)
            ],
            pa.string(),
        )


def _unmapped(values: list[Any], node: plan.Node) -> set[int]:
    """Places of the values that contain something that `node` does not map, or that have another type."""
    if not node.children:
        return set()
    if node.is_array:
        most = max(key for key in node.children if isinstance(key, int)) + 1
        places = {
            place
            for place, value in enumerate(values)
            if value is not None and (type(value) is not list or len(value) > most)
        }
        for key, child in node.children.items():
            if child.children:
                places |= _unmapped(_inside(values, key), child)
        return places
    places = set()
    objects = values
    if not set(map(type, values)) <= {dict}:
        places = {
            place for place, value in enumerate(values) if value is not None and type(value) is not dict
        }
        objects = [value if type(value) is dict else _NOTHING for value in values]
    holds_all = node.known.issuperset
    if not all(map(holds_all, objects)):
        places |= {place for place, value in enumerate(objects) if not holds_all(value)}
    for key, child in node.children.items():
        if child.children:
            places |= _unmapped(list(map(_get, objects, repeat(key))), child)
    return places


def has_lost_digits(value: Any) -> bool:
    """Whether a number is a double so large that doubles cannot hold every whole number of its size."""
    return type(value) is Number and abs(float(value)) > _EXACT_BELOW


def _padded(values: list[Any], digits: int) -> list[Any]:
    """Whole numbers with their lost leading zeros restored."""
    if int not in set(map(type, values)):
        return values
    return [str(value).zfill(digits) if type(value) is int and value >= 0 else value for value in values]


def _split(values: list[Any], between: str) -> list[Any]:
    """Splits texts into lists of texts, without blank ones."""
    return [
        [part.strip() for part in value.split(between) if part.strip()] if type(value) is str else value
        for value in values
    ]


def _passed_over(chosen: list[Any], others: list[Any]) -> set[int]:
    """Places that have a second, different value after the chosen one."""
    if set(map(type, others)) == {type(None)}:
        return set()
    return {
        place
        for place, (value, other) in enumerate(zip(chosen, others, strict=True))
        # In Python, 0 equals False; in JSON it does not.
        if other is not None and value is not None and (value != other or type(value) is not type(other))
    }


def _inside(values: list[Any], key: Key) -> list[Any]:
    """The values at a key of objects, or at an index of arrays; None if there is no value."""
    if isinstance(key, int):
        return [value[key] if type(value) is list and key < len(value) else None for value in values]
    return [value.get(key) if type(value) is dict else None for value in values]


def _first(values: list[Any], others: list[Any]) -> list[Any]:
    """The values; a null is replaced with the value at the same place in `others`."""
    return [value if value is not None else other for value, other in zip(values, others, strict=True)]
