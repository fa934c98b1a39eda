"""Types of Apache Avro: a schema that is safe to read with, and how its values become JSON values.

As in rows of Parquet, times are ISO 8601 (in UTC if the type has a zone), decimals are numbers with all
their digits, and binary values are Base64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reviews.splitter import avro_values

Plain = Callable[[Any], Any] | None
"""Converts a value that was read to its JSON value; None if it already is the JSON value."""


class SchemaError(Exception):
    """Rows cannot be read with this schema; the text says why, and quotes only names of fields."""


@dataclass(frozen=True)
class Type:
    """A type of a schema.

    bare: the type without logical types, so that reading a value cannot fail on its meaning.
    python: the Python type of its values. is_empty: whether a value takes no bytes.
    """

    bare: Any
    python: type
    plain: Plain = None
    is_empty: bool = False


_PRIMITIVES = {
    "null": Type("null", type(None), is_empty=True),
    "boolean": Type("boolean", bool),
    "int": Type("int", int),
    "long": Type("long", int),
    "float": Type("float", float, avro_values.digits_as_meant),
    "double": Type("double", float),
    "bytes": Type("bytes", bytes),
    "string": Type("string", str),
}


def row_type(schema: Any) -> Type:
    """The type of a file's rows.

    Raises:
        SchemaError: it is not an Avro schema, or it could make a reader fail or fill its memory.
    """
    found = _Schema().type_of(schema, "", ())
    if found.python is not dict or not isinstance(found.bare, dict) or found.bare["type"] != "record":
        raise SchemaError("its rows are not records")
    if found.is_empty:
        raise SchemaError("its rows have no columns")
    return found


class _Schema:
    def __init__(self) -> None:
        self._named: dict[str, Type | None] = {}
        """None while the type is being read."""

    def type_of(self, kind: Any, namespace: str, where: tuple[str, ...]) -> Type:
        if isinstance(kind, list):
            return _union([self.type_of(branch, namespace, where) for branch in kind], where)
        if isinstance(kind, str):
            return self._by_name(kind, namespace, where)
        match kind:
            case {"type": "record" | "enum" | "fixed", "name": str(name)}:
                return self._define(kind, _full_name(name, kind.get("namespace", namespace)), where)
            case {"type": "array", "items": items}:
                return _array(self.type_of(items, namespace, where), where)
            case {"type": "map", "values": values}:
                found = self.type_of(values, namespace, where)
                plain = found.plain and avro_values.each_value(found.plain)
                return Type({"type": "map", "values": found.bare}, dict, plain)
            case {"type": inner}:
                found = self.type_of(inner, namespace, where)
                return replace(found, plain=avro_values.logical(kind) or found.plain)
        raise SchemaError(f"{_quoted(where)} has a type that is none of Avro's")

    def _by_name(self, name: str, namespace: str, where: tuple[str, ...]) -> Type:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        for full in (_full_name(name, namespace), name):
            if full in self._named:
                if found := self._named[full]:
                    return replace(found, bare=full)
                raise SchemaError(f"the type of {_quoted(where)} holds itself")
        raise SchemaError(f"{_quoted(where)} has a type that is none of Avro's")

    def _define(self, kind: dict[str, Any], name: str, where: tuple[str, ...]) -> Type:
        if name in self._named:
            raise SchemaError(f"the type of {_quoted(where)} has the same name as another type")
        self._named[name] = None
        found = (
            self._record(kind, name, where) if kind["type"] == "record" else _enum_or_fixed(kind, name, where)
        )
        self._named[name] = found
        return found

    def _record(self, kind: dict[str, Any], name: str, where: tuple[str, ...]) -> Type:
        fields: dict[str, Type] = {}
        for field in kind.get("fields", []):
            inside = (*where, str(field.get("name")))
            if inside[-1] in fields:
                raise SchemaError(f"two fields have the name {_quoted(inside)}")
            fields[inside[-1]] = self.type_of(field.get("type"), name.rpartition(".")[0], inside)
        plains = {field: found.plain for field, found in fields.items() if found.plain}
        return Type(
            {
                "type": "record",
                "name": name,
                "fields": [{"name": field, "type": found.bare} for field, found in fields.items()],
            },
            dict,
            avro_values.each_field(plains) if plains else None,
            is_empty=all(found.is_empty for found in fields.values()),
        )


def _enum_or_fixed(kind: dict[str, Any], name: str, where: tuple[str, ...]) -> Type:
    match kind:
        case {"type": "enum", "symbols": [*symbols]}:
            return Type({"type": "enum", "name": name, "symbols": symbols}, str)
        case {"type": "fixed", "size": int(size)}:
            bare = {"type": "fixed", "name": name, "size": size}
            return Type(bare, bytes, avro_values.logical(kind), is_empty=size == 0)
    raise SchemaError(f"{_quoted(where)} has a type that is none of Avro's")


def _array(items: Type, where: tuple[str, ...]) -> Type:
    if items.is_empty:
        # A few bytes could declare more of such items than fit into memory.
        raise SchemaError(f"the items of {_quoted(where)} have no content")
    plain = items.plain and avro_values.each_item(items.plain)
    return Type({"type": "array", "items": items.bare}, list, plain)


def _union(branches: list[Type], where: tuple[str, ...]) -> Type:
    """A value does not show the branch it was written with, except by its Python type."""
    plains: dict[type, Plain] = {}
    for branch in branches:
        if plains.setdefault(branch.python, branch.plain) is not branch.plain:
            raise SchemaError(f"{_quoted(where)} has two types whose values look alike")
    return Type(
        [branch.bare for branch in branches],
        object,
        avro_values.by_type(plains) if any(plains.values()) else None,
    )


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _quoted(where: tuple[str, ...]) -> str:
    return f'"{".".join(where)}"' if where else "a row"
