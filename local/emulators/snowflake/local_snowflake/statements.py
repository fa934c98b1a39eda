"""Which statements the extensions answer themselves, and how an answer becomes a result (extension
"statements")."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from local_snowflake import errors
from local_snowflake.pinned import private
from local_snowflake.sql import Reader, literal
from local_snowflake.store import Name

private("statements", "fakesnow.cursor", "FakeSnowflakeCursor._execute")
private("statements", "fakesnow.conn", "FakeSnowflakeConnection")

SUCCEEDED = "Statement executed successfully."


@dataclass(frozen=True)
class Answer:
    """The rows that a statement answers with. Values: text, integers, booleans, times (UTC) and None."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    integers: frozenset[str] = field(default_factory=frozenset)
    """Columns of numbers; a column without a row has no other type to go by."""

    def to_sql(self) -> str:
        """A DuckDB query that returns the rows."""
        if not self.rows:
            nulls = ", ".join(f'NULL::{self._type(column)} AS "{column}"' for column in self.columns)
            return f"SELECT {nulls} WHERE false"
        rows = ", ".join(f"({', '.join(_value(value) for value in row)})" for row in self.rows)
        columns = ", ".join(f'"{column}"' for column in self.columns)
        selected = ", ".join(f'"{column}"::{self._type(column)} AS "{column}"' for column in self.columns)
        return f"SELECT {selected} FROM (VALUES {rows}) AS answer({columns})"  # noqa: S608

    def _type(self, column: str) -> str:
        if column in self.integers:
            return "BIGINT"
        return (
            "TIMESTAMPTZ" if column.lower() in ("created_on", "last_modified", "registered_on") else "VARCHAR"
        )


def columns(names: str) -> list[str]:
    """Names of columns, written as Snowflake's documentation lists them: with spaces between."""
    return names.split()


def status(message: str = SUCCEEDED) -> Answer:
    """The answer of a statement that has nothing but its success to report."""
    return Answer(["status"], [[message]])


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return literal(str(value).lower())
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime.datetime):
        return literal(value.astimezone(datetime.UTC).isoformat())
    return literal(str(value))


@dataclass(frozen=True)
class Call:
    """A statement to answer: what comes after its verb and noun, and the session it came by."""

    reader: Reader
    cursor: Any
    noun: str
    replace: bool = False
    temporary: bool = False
    terse: bool = False

    @property
    def database(self) -> str | None:
        """The session's current database."""
        found: str | None = self.cursor._conn.database
        return found

    @property
    def schema(self) -> str | None:
        """The session's current schema."""
        found: str | None = self.cursor._conn.schema
        return found

    def qualified(self, name: Name) -> Name:
        """A name of database, schema and object, by the session's current ones."""
        parts = name
        if len(parts) == 1:
            if self.schema is None:
                raise errors.no_current("schema")
            parts = (self.schema, *parts)
        if len(parts) == 2:
            if self.database is None:
                raise errors.no_current("database")
            parts = (self.database, *parts)
        return parts

    def in_database(self, schema: str) -> Name:
        """A schema's qualified name, by the session's current database."""
        if self.database is None:
            raise errors.no_current("database")
        return (self.database, schema)

    def if_exists(self) -> bool:
        """Read IF EXISTS, if it is there."""
        return self.reader.accept("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        """Read IF NOT EXISTS, if it is there."""
        return self.reader.accept("IF", "NOT", "EXISTS")

    def if_suspended(self) -> bool:
        """Read IF SUSPENDED, if it is there."""
        return self.reader.accept("IF", "SUSPENDED")


Handler = Callable[[Call], Answer | None]
"""Answers a statement; None leaves it to fakesnow."""

Handlers = dict[str, Handler]
"""Handlers by verb and noun, such as "CREATE STAGE"; a verb alone answers for all nouns."""

_MAX_WORDS = 4


class Dispatcher:
    """Finds the handler of a statement by its first words."""

    def __init__(self, *handlers: Handlers) -> None:
        self._handlers: Handlers = {}
        for more in handlers:
            for key, handler in more.items():
                if key in self._handlers:
                    raise RuntimeError(f"two extensions answer {key}")
                self._handlers[key] = handler

    def find(self, statement: str, cursor: Any) -> tuple[Handler, Call] | None:
        """The handler of a statement and what it is to be called with, if an extension answers such
        statements."""
        reader = Reader(statement)
        first = reader.peek()
        if first is None:
            return None
        if first.text == "(":
            return self.find(statement.replace("(", " ", 1), cursor)
        verb = {"DESCRIBE": "DESC"}.get(reader.take().text.upper(), first.text.upper())
        replace = temporary = terse = False
        if verb == "CREATE":
            replace = reader.accept("OR", "REPLACE")
            temporary = any([reader.accept("TEMPORARY"), reader.accept("TEMP")])
        if verb == "SHOW":
            terse = reader.accept("TERSE")
        key = self._longest_key(verb, reader)
        if key is None:
            return None
        noun = key.removeprefix(verb).strip()
        return self._handlers[key], Call(reader, cursor, noun, replace, temporary, terse)

    def _longest_key(self, verb: str, reader: Reader) -> str | None:
        words: list[str] = []
        while len(words) < _MAX_WORDS and (token := reader.peek(len(words))) and token.kind == "word":
            words.append(token.text.upper())
        for count in range(len(words), -1, -1):
            key = " ".join([verb, *words[:count]])
            if key in self._handlers:
                reader.accept(*words[:count])
                return key
        return None


def run(cursor: Any, sql: str) -> None:
    """Have a cursor run a DuckDB query, so that its rows are the result of the statement.

    As a command, whose text sqlglot keeps: a list of hundreds of objects need not be parsed to be run.
    """
    verb, rest = sql.split(maxsplit=1)
    cursor._execute(exp.Command(this=verb, expression=f" {rest}"))
