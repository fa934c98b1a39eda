"""A database of this machine, as its owner sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connector.budget import Budget
from connector.contract import Stream
from connector.sql_contract import SqlContract
from connector.sql_login import engine
from connector.sql_source import SqlSource
from lists import budget
from local_sources.service import Record
from sqlalchemy import Connection, Engine, text

PASSWORD = "do-not-show-me"  # noqa: S105 (made up)
CURSOR: dict[str, Any] = {"column": "updated_at", "form": "iso"}


@dataclass(frozen=True)
class Database:
    """engine: as contracts name it; name: of the owner, and of a database that is there."""

    engine: str
    name: str
    port: int
    authority: Path

    def secret(self, **more: Any) -> dict[str, Any]:
        """What a connector needs to know of it."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": self.name,
            "username": self.name,
            "password": PASSWORD,
            "certificate": self.authority.read_text(),
        } | more

    def contract(self, **more: Any) -> SqlContract:
        """A contract for the table "reviews"."""
        return SqlContract.of(
            {
                "connector": "shop",
                "source": "native",
                "engine": self.engine,
                "rows": {"table": "reviews"},
                "key": ["id"],
                "cursor": CURSOR,
                "authentication": {"type": "password", "secret": "shop"},
            }
            | more
        )

    def source(
        self, of: SqlContract, secret: Mapping[str, Any] | None = None, spend: Budget | None = None
    ) -> SqlSource:
        """What reads it by a contract."""
        return SqlSource(of, secret or self.secret(), spend or budget())

    def read(self, of: SqlContract, since: float | None = None) -> list[Record]:
        """All records that it gives by a contract."""
        [stream] = of.streams
        return [record for page in self.source(of).pages(stream, since, None) for record in page.records]

    def do(self, *statements: str, **values: Any) -> None:
        """Change it, as its owner may."""
        with self._writing() as connection:
            for statement in statements:
                connection.execute(text(statement), values)
            connection.commit()

    def create_reviews(self) -> None:
        """Make the table "reviews"."""
        types = {"postgresql": ("text", "timestamptz"), "mysql": ("longtext", "datetime(6)")}
        body, moment = types[self.engine]
        self.do(
            f"create table reviews (id integer primary key, body {body}, updated_at {moment})",
            "create index reviews_order on reviews (updated_at, id)",
        )

    @contextmanager
    def reader(self, name: str) -> Iterator[None]:
        """A user who may read nothing."""
        user, made = {
            "postgresql": (f"role {name}", f"login password '{PASSWORD}'"),
            "mysql": (f"user {name}", f"identified by '{PASSWORD}'"),
        }[self.engine]
        self.do(f"create {user} {made}")
        try:
            yield
        finally:
            self.do(f"drop {user}")

    def insert(self, rows: list[dict[str, Any]]) -> None:
        """Add rows to the table "reviews"."""
        names = list(rows[0])
        places = ", ".join(f":{name}" for name in names)
        statement = f"insert into reviews ({', '.join(names)}) values ({places})"  # noqa: S608 (made up)
        with self._writing() as connection:
            connection.execute(text(statement), rows)
            connection.commit()

    def _writing(self) -> Connection:
        connection = _owner(self).connect()
        writable = {
            "postgresql": "set session characteristics as transaction read write",
            "mysql": "set session transaction read write",
        }
        connection.execute(text(writable[self.engine]))
        connection.commit()
        return connection


@cache
def _owner(database: Database) -> Engine:
    return engine(database.contract(), database.secret())


def only(of: SqlContract) -> Stream:
    """The one list of a contract."""
    [stream] = of.streams
    return stream
