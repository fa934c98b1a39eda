"""The statements on external tables."""

import re
from dataclasses import replace
from typing import Any

import duckdb

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.catalogue.objects import comment_on_columns
from local_snowflake.external_tables import expressions
from local_snowflake.external_tables.definition import KIND, Column, Definition
from local_snowflake.external_tables.show import describe, show
from local_snowflake.external_tables.tables import Change, ExternalTables
from local_snowflake.file_formats import FileFormats
from local_snowflake.governance.tags import Tags
from local_snowflake.lifecycle import dropped, kept
from local_snowflake.sql import Reader
from local_snowflake.stages import Stages
from local_snowflake.statements import Answer, Call, Handlers, status
from local_snowflake.store import Name

_OPTIONS = {
    "LOCATION",
    "REFRESH_ON_CREATE",
    "AUTO_REFRESH",
    "PATTERN",
    "FILE_FORMAT",
    "COMMENT",
    "TABLE_FORMAT",
    "PARTITION_TYPE",
    "AWS_SNS_TOPIC",
}
_REFUSED = ("TABLE_FORMAT", "PARTITION_TYPE", "AWS_SNS_TOPIC")


class ExternalTableStatements:
    """Answers the statements on external tables."""

    def __init__(
        self,
        tables: ExternalTables,
        stages: Stages,
        formats: FileFormats,
        channel: str,
        tags: Tags,
        grants: Grants,
    ) -> None:
        self._tables = tables
        self._grants = grants
        self._tags = tags
        self._stages = stages
        self._formats = formats
        self._channel = channel

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE EXTERNAL TABLE": self._create,
            "ALTER EXTERNAL TABLE": self._alter,
            "ALTER TABLE": self._alter_columns,
            "DROP EXTERNAL TABLE": self._drop,
            "DROP TABLE": self._drop_if_external,
            "SHOW EXTERNAL TABLES": lambda call: show(call, self._tables, self._channel),
            "DESC EXTERNAL TABLE": self._describe,
        }

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        table = call.qualified(call.reader.name())
        columns = _columns(call)
        partition_by = _partition_by(call.reader)
        call.reader.accept("WITH")
        options = call.reader.options(until="COPY")
        copies = call.reader.accept("COPY", "GRANTS")
        if copies:
            options |= call.reader.options()
        call.reader.end()
        _check(options)
        there = self._tables.find(table) is not None
        if answer := kept(call, there, keep, table):
            return answer
        definition = self._definition(call, columns, partition_by, options)
        if there:
            self._tables.drop(table)
        self._save_new(table, definition)
        self._grants.created(KIND, table, copied=there and copies)
        if options.get("REFRESH_ON_CREATE", True):
            _raise_if_failed(self._tables.refresh(table))
        return status(f"Table {table[-1]} successfully created.")

    def _save_new(self, table: Name, definition: Definition) -> None:
        try:
            self._tables.save(table, definition)
        except duckdb.CatalogException as error:
            if "already exists" in str(error) or "not of type" in str(error) or "of type" in str(error):
                raise errors.already_exists(".".join(table)) from error
            raise errors.does_not_exist("Schema", ".".join(table[:2])) from error

    def _definition(
        self, call: Call, columns: list[Column], partition_by: list[str], options: dict[str, Any]
    ) -> Definition:
        stage_name, path = self._stages.location(call, options["LOCATION"])
        stage = self._stages.usable(stage_name)
        bucket, _, base = stage.url.removeprefix("s3://").partition("/")
        base = base if base == "" or base.endswith("/") else base + "/"
        given = options.get("FILE_FORMAT", stage.file_format or None)
        if given is None:
            raise errors.missing_property("FILE_FORMAT")
        _check_partition(columns, partition_by)
        return Definition(
            stage=list(stage_name),
            path=path,
            bucket=bucket,
            prefix=base + path + ("" if path == "" or path.endswith("/") else "/"),
            columns=columns,
            partition_by=partition_by,
            auto_refresh=options.get("AUTO_REFRESH", True),
            pattern=_pattern(options),
            pattern_base=base,
            file_format=self._formats.resolve(call, given),
            owner=session.role(call.cursor._conn),
            comment=options.get("COMMENT", ""),
        )

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        table = call.qualified(call.reader.name())
        definition = self._tables.find(table)
        if definition is None:
            if optional:
                return status()
            raise errors.does_not_exist("Table", ".".join(table))
        if call.reader.accept("REFRESH"):
            return self._refresh(call, table, definition)
        if call.reader.accept("SET"):
            return self._set(call, table, definition)
        raise errors.unsupported(f"ALTER EXTERNAL TABLE … {call.reader.rest()}")

    def _alter_columns(self, call: Call) -> Answer | None:
        """Adds and drops columns of external tables ("ALTER TABLE", extTableColumnAction)."""
        call.if_exists()
        table = call.qualified(call.reader.name())
        if self._tags.are_meant(call.reader):
            return self._tags.alter_columns(call, table)
        definition = self._tables.find(table)
        if definition is None:
            return comment_on_columns(call, table)
        if call.reader.accept("ADD"):
            call.reader.accept("COLUMN")
            return self._add_column(call, table, definition)
        if call.reader.accept("DROP"):
            call.reader.accept("COLUMN")
            return self._drop_column(call, table, definition)
        raise errors.unsupported(f"ALTER TABLE … {call.reader.rest()} of an external table")

    def _refresh(self, call: Call, table: Name, definition: Definition) -> Answer:
        path = call.reader.string() if not call.reader.at_end else ""
        call.reader.end()
        self._stages.usable(tuple(definition.stage))
        return Answer(["file", "status", "description"], self._tables.refresh(table, path))

    def _add_column(self, call: Call, table: Name, definition: Definition) -> Answer:
        keep = call.if_not_exists()
        column = _column(call)
        call.reader.end()
        if any(column.name == existing.name for existing in definition.columns):
            if keep:
                return status()
            raise errors.already_exists(column.name)
        self._tables.save(table, replace(definition, columns=[*definition.columns, column]))
        return status()

    def _drop_column(self, call: Call, table: Name, definition: Definition) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        call.reader.end()
        left = [column for column in definition.columns if column.name != name]
        if len(left) == len(definition.columns) and not optional:
            raise errors.does_not_exist("Column", name)
        if name in definition.partition_by:
            raise errors.unsupported(f"dropping the partition column {name}")
        self._tables.save(table, replace(definition, columns=left))
        return status()

    def _set(self, call: Call, table: Name, definition: Definition) -> Answer:
        options = call.reader.options()
        call.reader.end()
        for key in options:
            if key != "AUTO_REFRESH":
                raise errors.invalid_property(key)
        auto_refresh = options.get("AUTO_REFRESH", definition.auto_refresh)
        self._tables.save(table, replace(definition, auto_refresh=auto_refresh))
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        table = call.qualified(call.reader.name())
        _end_of_drop(call.reader)
        there = self._tables.find(table) is not None
        if there:
            self._tables.drop(table)
            self._grants.forget_object(KIND, table)
        return dropped(there, optional, "Table", table)

    def _drop_if_external(self, call: Call) -> Answer | None:
        call.if_exists()
        table = call.qualified(call.reader.name())
        if self._tables.find(table) is None:
            return None
        _end_of_drop(call.reader)
        self._tables.drop(table)
        self._grants.forget_object(KIND, table)
        return status(f"{table[-1]} successfully dropped.")

    def _describe(self, call: Call) -> Answer:
        definition = self._tables.get(call.qualified(call.reader.name()))
        call.reader.accept("TYPE", "=", "COLUMNS")
        call.reader.end()
        return describe(definition)


def _columns(call: Call) -> list[Column]:
    token = call.reader.peek()
    if token is None or token.text != "(":
        return []
    found = []
    call.reader.expect("(")
    while not call.reader.accept(")"):
        found.append(_column(call))
        call.reader.accept(",")
    names = [column.name for column in found]
    for name in names:
        if names.count(name) > 1 or name == "VALUE":
            raise errors.syntax(f"duplicate column name '{name}'")
    return found


def _column(call: Call) -> Column:
    name = call.reader.identifier()
    declared = call.reader.identifier()
    token = call.reader.peek()
    if token is not None and token.text == "(":
        declared += f"({call.reader.parenthesised()})"
    nullable = not call.reader.accept("NOT", "NULL")
    if not call.reader.accept("AS"):
        raise errors.syntax(f"column {name} of an external table needs AS (expression)")
    column = expressions.translate(call.cursor, name, declared, call.reader.parenthesised())
    nullable = nullable and not call.reader.accept("NOT", "NULL")
    if call.reader.accept("COMMENT"):
        call.reader.string()
    return replace(column, nullable=nullable)


def _partition_by(reader: Reader) -> list[str]:
    if not reader.accept("PARTITION", "BY"):
        return []
    reader.expect("(")
    found = [reader.identifier()]
    while reader.accept(","):
        found.append(reader.identifier())
    reader.expect(")")
    return found


def _check(options: dict[str, Any]) -> None:
    for key in options:
        if key not in _OPTIONS:
            raise errors.invalid_property(key)
        if key in _REFUSED:
            raise errors.unsupported(f"{key} of an external table")
    if "LOCATION" not in options:
        raise errors.missing_property("LOCATION")


def _check_partition(columns: list[Column], partition_by: list[str]) -> None:
    by_name = {column.name: column for column in columns}
    for name in partition_by:
        if name not in by_name:
            raise errors.does_not_exist("Column", name)
        if not by_name[name].from_path:
            raise errors.invalid_option(
                "PARTITION BY", name, "a column computed from METADATA$FILENAME alone"
            )


def _pattern(options: dict[str, Any]) -> str | None:
    pattern = options.get("PATTERN")
    if pattern is None:
        return None
    try:
        re.compile(pattern)
    except re.error as error:
        raise errors.invalid_option("PATTERN", pattern, f"a regular expression: {error}") from error
    return str(pattern)


def _raise_if_failed(changes: list[Change]) -> None:
    for change in changes:
        if change.status == "REGISTER_FAILED":
            raise errors.file_not_registered(change.file, change.description)


def _end_of_drop(reader: Reader) -> None:
    if not reader.accept("CASCADE"):
        reader.accept("RESTRICT")
    reader.end()
