"""A shop's database for the one-machine edition, as docs/change-capture.md has its DBA prepare it.

`SHOP_PASSWORD=… CAPTURE_PASSWORD=… python -m local_dms.shop --port N --slot NAME (prepare | change)`:
`prepare` makes the table with its first rows; `change` waits until the table is followed, changes it, and
waits until all of that is stored. Both print the rows of the table as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extras import execute_values

DATABASE, USER = "shop", "reviews_capture"
_ROWS, _NEW, _UPDATED, _DELETED, _REWRITTEN = 200, 20, 10, 10, 2
_WAIT_SECONDS = 120

_TABLE = """create table reviews (
    review_id bigint primary key,
    product_id text not null,
    product_name text not null,
    customer_id text not null,
    stars smallint not null check (stars between 1 and 5),
    review text,
    verified boolean not null,
    created_at timestamptz not null
)"""
_GRANTS = (
    "grant usage on schema public to {user}",
    "grant select on reviews to {user}",
    "create schema dms authorization {user}",
    "alter table reviews replica identity full",
    "create publication {slot} for table reviews with (publish = 'insert, update, delete')",
)
_TEXTS = ("Does what it should.", "Broke after a week.", "Would buy it again.", None)


@dataclass(frozen=True)
class Shop:
    """Sessions of the superuser on one server. slot: name of the slot that follows the table."""

    port: int
    slot: str

    def session(self, database: str = DATABASE) -> Any:
        """Each statement is a transaction, unless one is begun."""
        session = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            user="postgres",
            password=os.environ["SHOP_PASSWORD"],
        )
        session.autocommit = True
        return session

    def prepare(self) -> None:
        """Make database, user, table and first rows."""
        names = {"user": sql.Identifier(USER), "slot": sql.Identifier(self.slot)}
        with self.session("postgres").cursor() as cursor:
            cursor.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
            role = "create role {user} login replication password {password}"
            password = sql.Literal(os.environ["CAPTURE_PASSWORD"])
            cursor.execute(sql.SQL(role).format(password=password, **names))
        with self.session().cursor() as cursor:
            cursor.execute(_TABLE)
            _insert(cursor, range(1, _ROWS + 1))
            for statement in _GRANTS:
                cursor.execute(sql.SQL(statement).format(**names))

    def change(self) -> None:
        """Rows that are new, updated three times in a transaction, deleted, and deleted and written again."""
        with self.session().cursor() as cursor:
            self._wait(cursor, "active_pid is not null")
            _insert(cursor, range(_ROWS + 1, _ROWS + _NEW + 1))
            updated = (1, _UPDATED)
            cursor.execute("begin")
            for stars in (1, 2, 3):
                cursor.execute(
                    "update reviews set stars = %s where review_id between %s and %s", (stars, *updated)
                )
            cursor.execute("commit")
            deleted = (_UPDATED + 1, _UPDATED + _DELETED)
            cursor.execute("delete from reviews where review_id between %s and %s", deleted)
            rewritten = range(_UPDATED + _DELETED + 1, _UPDATED + _DELETED + _REWRITTEN + 1)
            cursor.execute("begin")
            cursor.execute("delete from reviews where review_id = any(%s)", (list(rewritten),))
            _insert(cursor, rewritten)
            cursor.execute("commit")
            cursor.execute("select pg_current_wal_lsn()")
            (place,) = cursor.fetchone()
            self._wait(cursor, f"confirmed_flush_lsn >= '{place}'")

    def rows(self) -> list[dict[str, Any]]:
        """What the table holds now."""
        with self.session().cursor() as cursor:
            cursor.execute("select review_id, product_id, stars from reviews order by review_id")
            return [dict(zip(("review_id", "product_id", "stars"), row, strict=True)) for row in cursor]

    def _wait(self, cursor: Any, condition: str) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        query = f"select 1 from pg_replication_slots where slot_name = %s and {condition}"  # noqa: S608
        while True:
            cursor.execute(query, (self.slot,))
            if cursor.fetchone():
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"The slot {self.slot} is not so after {_WAIT_SECONDS} s: {condition}")
            time.sleep(0.1)


def _insert(cursor: Any, numbers: range) -> None:
    execute_values(cursor, "insert into reviews values %s", list(_made_up(numbers)))


def _made_up(numbers: range) -> Iterator[tuple[Any, ...]]:
    """Equal numbers give equal rows."""
    for number in numbers:
        chance = Random(number)  # noqa: S311 (made-up rows)
        product = chance.randint(1, 12)
        yield (
            *(number, f"shop-{product}", f"Lamp no. {product}", f"customer-{chance.randint(1, 60)}"),
            *(chance.randint(1, 5), chance.choice(_TEXTS), chance.random() < 0.7),
            f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}T10:00:00Z",
        )


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m local_dms.shop", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of the PostgreSQL")
    parser.add_argument("--slot", required=True, help="name of slot and publication")
    parser.add_argument("what", choices=["prepare", "change"])
    chosen = parser.parse_args()
    shop = Shop(chosen.port, chosen.slot)
    (shop.prepare if chosen.what == "prepare" else shop.change)()
    print(json.dumps(shop.rows()))


if __name__ == "__main__":
    main()
