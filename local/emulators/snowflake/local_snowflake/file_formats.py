"""File formats. Only Parquet can be read here, so only Parquet can be described."""

from typing import Any

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.lifecycle import drop_stored, kept
from local_snowflake.show import Filter
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call, Handlers, status
from local_snowflake.store import Name, Store

KIND = "FILE FORMAT"

# Defaults of Parquet formats (Snowflake documentation, "CREATE FILE FORMAT").
_DEFAULTS: dict[str, Any] = {
    "TYPE": "PARQUET",
    "TRIM_SPACE": False,
    "NULL_IF": ["\\N"],
    "COMPRESSION": "AUTO",
    "BINARY_AS_TEXT": True,
    "USE_LOGICAL_TYPE": False,
    "USE_VECTORIZED_SCANNER": False,
    "REPLACE_INVALID_CHARACTERS": False,
}
# What would change the values read; DuckDB does none of it.
_REFUSED_IF_TRUE = ("TRIM_SPACE", "REPLACE_INVALID_CHARACTERS")


class FileFormats:
    """The statements on file formats."""

    def __init__(self, store: Store, grants: Grants) -> None:
        self._store = store
        self._grants = grants

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE FILE FORMAT": self._create,
            "ALTER FILE FORMAT": self._alter,
            "DESC FILE FORMAT": self._describe,
            "DROP FILE FORMAT": self._drop,
            "SHOW FILE FORMATS": self._show,
        }

    def resolve(self, call: Call, given: Any) -> dict[str, Any]:
        """What FILE_FORMAT of a stage or an external table says: the options, and ``FORMAT_NAME`` if it has
        one.

        Raises 002003 if it names a format that is not there.
        """
        if isinstance(given, str):
            given = {"FORMAT_NAME": given}
        if "FORMAT_NAME" not in given:
            return {**_DEFAULTS, **_checked(given)}
        name = call.qualified(Reader(str(given["FORMAT_NAME"])).name())
        return {**self.get(name)["options"], "FORMAT_NAME": ".".join(name)}

    def get(self, name: Name) -> dict[str, Any]:
        """A file format's document. Raises 002003 if there is none."""
        found = self._store.get(KIND, name)
        if found is None:
            raise errors.does_not_exist("File format", ".".join(name))
        return found

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.qualified(call.reader.name())
        options = call.reader.options()
        call.reader.end()
        comment = options.pop("COMMENT", "")
        checked = {**_DEFAULTS, **_checked(options)}
        if answer := kept(call, self._store.get(KIND, name) is not None, keep, name):
            return answer
        self._store.put(
            KIND, name, {"options": checked, "comment": comment, "owner": session.role(call.cursor._conn)}
        )
        self._grants.created(KIND, name)
        return status(f"File format {name[-1]} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        if optional and self._store.get(KIND, name) is None:
            return status()
        found = self.get(name)
        call.reader.expect("SET")
        options = call.reader.options()
        call.reader.end()
        comment = options.pop("COMMENT", found["comment"])
        checked = _checked({**found["options"], **options})
        self._store.put(KIND, name, {**found, "options": checked, "comment": comment})
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        self._grants.forget_object(KIND, name)
        return drop_stored(call, self._store, KIND, "File format", name, optional)

    def _describe(self, call: Call) -> Answer:
        found = self.get(call.qualified(call.reader.name()))
        call.reader.end()
        rows = [
            (key, _type(default), _text(found["options"][key]), _text(default))
            for key, default in _DEFAULTS.items()
        ]
        return Answer(["property", "property_type", "property_value", "property_default"], rows)

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = [
            (
                created,
                name[2],
                name[0],
                name[1],
                "PARQUET",
                found["owner"],
                found["comment"],
                str(found["options"]),
                "ROLE",
            )
            for name, found, created in self._store.all(KIND, asked.within(call))
            if asked.matches(name[2])
        ]
        columns = [
            "created_on",
            "name",
            "database_name",
            "schema_name",
            "type",
            "owner",
            "comment",
            "format_options",
        ]
        return Answer([*columns, "owner_role_type"], rows)


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    kind = str(options.get("TYPE", "CSV")).upper()
    if kind != "PARQUET":
        raise errors.unsupported(f"file format of TYPE = {kind}")
    for key, value in options.items():
        if key not in _DEFAULTS:
            raise errors.invalid_property(key)
        if key in _REFUSED_IF_TRUE and value:
            raise errors.unsupported(f"{key} = TRUE of a Parquet format")
    if any(text != "\\N" for text in options.get("NULL_IF", [])):
        raise errors.unsupported("NULL_IF of a Parquet format")
    return {**options, "TYPE": kind}


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "Boolean"
    return "List" if isinstance(value, list) else "String"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
