"""What SHOW statements have in common: LIKE, IN and STARTS WITH."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from local_snowflake import errors
from local_snowflake.sql import Reader
from local_snowflake.statements import Call
from local_snowflake.store import Name

_ALL = re.compile(".*", re.DOTALL)


@dataclass(frozen=True)
class Filter:
    """Which objects a SHOW statement asks for.

    scope: ACCOUNT, DATABASE, SCHEMA or another noun; None where the statement has no IN.
    name: the name after the scope.
    """

    like: re.Pattern[str] = _ALL
    starts_with: str = ""
    scope: str | None = None
    name: Name = ()
    limit: int | None = None

    @classmethod
    def read(cls, reader: Reader) -> "Filter":
        """Read everything from LIKE to the end of a SHOW statement."""
        reader.accept("HISTORY")
        like = _like(reader.string()) if reader.accept("LIKE") else _ALL
        scope, name = _scope(reader)
        starts_with = reader.string() if reader.accept("STARTS", "WITH") else ""
        limit = int(reader.take().text) if reader.accept("LIMIT") else None
        if reader.accept("FROM"):
            raise errors.unsupported("SHOW … LIMIT … FROM")
        reader.end()
        return cls(like, starts_with, scope, name, limit)

    def matches(self, name: str) -> bool:
        """Whether an object's own name is asked for."""
        return self.like.fullmatch(name) is not None and name.startswith(self.starts_with)

    def within(self, call: Call) -> Name:
        """The database, or database and schema, that objects are asked for of; empty for the account."""
        if self.scope == "ACCOUNT":
            return ()
        if self.scope == "DATABASE":
            return self.name or _given(call.database)
        if self.scope is None and call.schema is None:
            return _given(call.database)
        schema = self.name if self.scope else ()
        if not schema:
            return (*_given(call.database), *_given(call.schema))
        return schema if len(schema) == 2 else (*_given(call.database), *schema)


def _given(name: str | None) -> Name:
    return () if name is None else (name,)


def _scope(reader: Reader) -> tuple[str | None, Name]:
    if not reader.accept("IN"):
        return None, ()
    for scope in ("ACCOUNT", "DATABASE", "SCHEMA", "TABLE", "VIEW"):
        if reader.accept(scope):
            token = reader.peek()
            named = token is not None and token.text.upper() not in ("STARTS", "LIMIT")
            return scope, reader.name() if named else ()
    return "SCHEMA", reader.name()


def _like(pattern: str) -> re.Pattern[str]:
    """SHOW's LIKE takes % and _ and does not mind the case."""
    wildcards = {"%": ".*", "_": "."}
    return re.compile(
        "".join(wildcards.get(character, re.escape(character)) for character in pattern),
        re.IGNORECASE | re.DOTALL,
    )


def first[T](rows: Iterable[T], limit: int | None) -> list[T]:
    """The rows that LIMIT leaves."""
    return list(rows)[:limit]
