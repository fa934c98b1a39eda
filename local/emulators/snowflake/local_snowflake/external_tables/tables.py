"""External tables: their definitions, their files and the views over them, kept in step."""

import datetime
import re
import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import duckdb

from local_snowflake import errors
from local_snowflake.engine import Engine
from local_snowflake.external_tables import path_columns, view
from local_snowflake.external_tables.definition import KIND, Definition
from local_snowflake.external_tables.registered_files import RegisteredFile, RegisteredFiles
from local_snowflake.external_tables.s3_objects import RemoteFile, S3Objects
from local_snowflake.sql import identifier
from local_snowflake.store import Name, Store


class Change(NamedTuple):
    """What a refresh did about a file, in Snowflake's words (documentation of ALTER EXTERNAL TABLE …
    REFRESH)."""

    file: str
    status: str
    description: str


class ExternalTables:
    """The external tables of the account. Changes are made one at a time."""

    def __init__(self, store: Store, engine: Engine, objects: S3Objects) -> None:
        self._store = store
        self._objects = objects
        self._files = RegisteredFiles(engine.duck_conn)
        self._connection = engine.duck_conn.cursor()
        self._lock = threading.RLock()

    def start(self) -> None:
        """Make the views again: the state folder may have been moved since."""
        for table, definition in self.all():
            self._show_files(table, definition)

    def get(self, table: Name) -> Definition:
        """A table by its name. Raises 002003 if there is none."""
        found = self.find(table)
        if found is None:
            raise errors.does_not_exist("Table", ".".join(table))
        return found

    def find(self, table: Name) -> Definition | None:
        """A table by its name, if there is one."""
        found = self._store.get(KIND, table)
        return None if found is None else Definition.from_json(found)

    def all(self, within: Name = ()) -> Iterator[tuple[Name, Definition]]:
        """The tables of the account, of a database or of a schema."""
        for name, found, _ in self._store.all(KIND, within):
            yield name, Definition.from_json(found)

    def created_on(self, table: Name) -> datetime.datetime | None:
        """When a table was created (UTC)."""
        return next((created for name, _, created in self._store.all(KIND, table) if name == table), None)

    def files(self, table: Name) -> list[RegisteredFile]:
        """The files a table has."""
        return self._files.of(table)

    def save(self, table: Name, definition: Definition) -> None:
        """Create a table or change its definition; it keeps its files."""
        with self._lock:
            self._show_files(table, definition)
            self._store.put(KIND, table, definition.to_json())

    def drop(self, table: Name) -> None:
        """Drop a table; what it read stays on S3."""
        with self._lock:
            dropped = ".".join(identifier(part) for part in table)
            self._connection.execute(f"DROP VIEW IF EXISTS {dropped}")
            self._store.delete(KIND, table)
            self._files.forget(table)

    def forget_within(self, within: Name) -> None:
        """Forget the tables of a dropped schema or database."""
        self._files.forget(within)

    def refresh(self, table: Name, path: str = "") -> list[Change]:
        """Make the files of a table what S3 lists below a path now."""
        definition = self.get(table)
        prefix = definition.prefix + path
        with self._lock:
            listed = {file.key: file for file in self._objects.list(definition.bucket, prefix)}
            known = {file.key for file in self._files.of(table) if file.key.startswith(prefix)}
            return self._apply(table, definition, listed.values(), known - set(listed))

    def notice(self, bucket: str, keys: Iterable[str]) -> list[tuple[Name, Change]]:
        """Bring the tables with AUTO_REFRESH up to date with objects that S3 says were created or removed."""
        changes = []
        for table, definition in self.all():
            mine = {key for key in keys if definition.bucket == bucket and key.startswith(definition.prefix)}
            if not definition.auto_refresh or not mine:
                continue
            with self._lock:
                found = {key: self._objects.head(bucket, key) for key in sorted(mine)}
                there = [file for file in found.values() if file is not None]
                gone = {key for key, file in found.items() if file is None}
                changes += [(table, change) for change in self._apply(table, definition, there, gone)]
        return changes

    def _apply(
        self, table: Name, definition: Definition, there: Iterable[RemoteFile], gone: Iterable[str]
    ) -> list[Change]:
        known = {file.key: file for file in self._files.of(table)}
        removed = [known[key] for key in gone if key in known]
        changes = [Change(file.key, "UNREGISTERED", "File unregistered successfully.") for file in removed]
        self._files.remove(table, [file.key for file in removed])
        for file in there:
            if _is_wanted(definition, file) and not (file.key in known and known[file.key].etag == file.etag):
                changes.append(self._register(table, definition, file, file.key in known))
        definition.last_refreshed_on = datetime.datetime.now(datetime.UTC).isoformat()
        self.save(table, definition)
        replaced = {change.file for change in changes if change.status == "REGISTERED_UPDATE"}
        self._discard(definition.bucket, [*removed, *(known[key] for key in replaced)])
        return changes

    def _register(self, table: Name, definition: Definition, file: RemoteFile, known: bool) -> Change:
        try:
            schema = self._objects.fetch(file)
            path_columns.values(self._connection, definition, [file.key])
        except (ValueError, OSError, duckdb.Error) as error:
            return Change(file.key, "REGISTER_FAILED", str(error).split("\n")[0])
        self._files.add(table, file, schema)
        return Change(
            file.key,
            "REGISTERED_UPDATE" if known else "REGISTERED_NEW",
            "File registered (updated) successfully." if known else "File registered successfully.",
        )

    def _show_files(self, table: Name, definition: Definition) -> None:
        view.create(self._connection, table, definition, self._files.of(table), self._objects)

    def _discard(self, bucket: str, files: Iterable[RegisteredFile]) -> None:
        for file in files:
            if not self._files.in_use(file.etag, file.key):
                self._objects.discard(bucket, file.key, file.etag)


def _is_wanted(definition: Definition, file: RemoteFile) -> bool:
    if file.size == 0 or file.key.endswith("/"):
        return False
    relative = file.key.removeprefix(definition.pattern_base)
    return definition.pattern is None or re.fullmatch(definition.pattern, relative) is not None
