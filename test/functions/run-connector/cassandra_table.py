"""A table of a Cassandra of this machine, as its owner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cassandra.concurrent import execute_concurrent_with_args
from connector.budget import Budget
from connector.cassandra_contract import CassandraContract
from connector.cassandra_login import Login
from connector.cassandra_source import CassandraSource
from database import CURSOR, PASSWORD, only
from lists import budget
from local_sources.service import Record

_FEW = 100

INDEXED: dict[str, Any] = CURSOR | {"indexed": True}


def contract_of(**more: Any) -> CassandraContract:
    """A contract for the table "reviews"."""
    return CassandraContract.of(
        {
            "connector": "shop",
            "source": "native",
            "keyspace": "shop",
            "table": "reviews",
            "cursor": CURSOR,
            "authentication": {"type": "password", "secret": "shop"},
        }
        | more
    )


class Cluster:
    """A server with the keyspace "shop"."""

    def __init__(self, port: int, authority: Path) -> None:
        self._port = port
        self._authority = authority
        self._ending = ExitStack()
        self._session = self._ending.enter_context(Login(self.contract(), self.secret()).session())
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        self.do(f"create keyspace shop with replication = {replication}")

    def close(self) -> None:
        """End the owner's session."""
        self._ending.close()

    def secret(self, **more: Any) -> dict[str, Any]:
        """What a connector needs to know of it."""
        return {
            "host": "127.0.0.1",
            "port": self._port,
            "username": "shop",
            "password": PASSWORD,
            "certificate": self._authority.read_text(),
        } | more

    def contract(self, **more: Any) -> CassandraContract:
        """A contract for the table "reviews"."""
        return contract_of(**more)

    def source(
        self, of: CassandraContract, secret: Mapping[str, Any] | None = None, spend: Budget | None = None
    ) -> CassandraSource:
        """What reads it by a contract."""
        return CassandraSource(of, secret or self.secret(), spend or budget())

    def read(self, of: CassandraContract, since: float | None = None) -> list[Record]:
        """All records that it gives by a contract."""
        pages = self.source(of).pages(only(of), since, None)
        return [record for page in pages for record in page.records]

    def do(self, statement: str, *values: Any) -> None:
        """Change it, as its owner may."""
        self._session.execute(statement, values or None, timeout=60)

    def create_reviews(self) -> None:
        """Make the table "reviews", with an index of its time."""
        self.do("drop table if exists shop.reviews")
        self.do("create table shop.reviews (id int primary key, body text, updated_at timestamp)")
        self.do("create index on shop.reviews (updated_at) using 'sai'")

    def insert(self, rows: list[dict[str, Any]]) -> None:
        """Add rows to the table "reviews", or change them."""
        names = list(rows[0])
        places = ", ".join("?" for _ in names)
        statement = f"insert into shop.reviews ({', '.join(names)}) values ({places})"  # noqa: S608 (made up)
        prepared = self._session.prepare(statement)
        # Large ones by themselves: the server holds all that it has not written.
        at_once = 20 if len(rows) > _FEW else 1
        execute_concurrent_with_args(
            self._session, prepared, [list(row.values()) for row in rows], concurrency=at_once
        )
