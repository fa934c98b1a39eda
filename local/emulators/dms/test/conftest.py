"""One PostgreSQL for the whole test session, with a user that has what the documentation says and no more."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from emulator_process import Server
from local_dms import slot
from local_dms.settings import Settings, Source, Target

PASSWORD = "of-the-tests"  # noqa: S105
REVIEWS = """create table reviews (
    review_id bigint primary key,
    product_id text not null,
    stars smallint not null,
    review text,
    verified boolean,
    weight numeric,
    created_at timestamptz not null default '2025-03-01T10:00:00Z'
)"""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server."""
    os.environ["POSTGRES_PASSWORD"] = PASSWORD
    started = Server.start("postgres", tmp_path_factory.mktemp("postgres"))
    yield urlsplit(started.endpoint).port or 0
    # It writes down a dozen databases before it ends.
    started.process.terminate()
    started.process.wait(60)


@dataclass
class Bucket:
    """Stands for S3: keeps what is put, in its order."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fails: bool = False
    refused: int = 0

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 (the names of boto3)
        if self.fails:
            self.refused += 1
            raise ConnectionError("S3 cannot be reached")
        assert Key not in self.objects, f"{Key} is written twice"
        self.objects[Key] = Body

    def tables(self, beginning: str = "") -> list[pa.Table]:
        """The files whose names begin so."""
        return [
            pq.read_table(pa.BufferReader(body))
            for key, body in list(self.objects.items())
            if key.rpartition("/")[2].startswith(beginning)
        ]

    def rows(self, beginning: str = "") -> list[dict[str, Any]]:
        """Their rows."""
        return [row for table in self.tables(beginning) for row in table.to_pylist()]


@dataclass
class Shop:
    """A database of its own with the table `reviews`, as its DBA prepares it."""

    settings: Settings
    admin: Any

    def run(self, *statements: str) -> None:
        """Each statement in a transaction of its own."""
        with self.admin.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.admin.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def lag(self) -> slot.Lag:
        return slot.lag(self.admin, self.settings.name)


def many(count: int) -> str:
    """Inserts so many rows."""
    return (
        "insert into reviews (review_id, product_id, stars) "  # noqa: S608
        f"select n, 'L-1', 4 from generate_series(1, {count}) as n"
    )


_numbers = itertools.count(1)


@pytest.fixture
def make_shop(postgres: int) -> Iterator[Callable[..., Shop]]:
    """Makes databases; their slots are gone afterwards."""
    made: list[Shop] = []

    def make(**target: Any) -> Shop:
        name = f"shop_{next(_numbers)}"
        admin = _connect(postgres, "postgres", "postgres")
        with admin.cursor() as cursor:
            cursor.execute(f"create database {name}")
            cursor.execute(f"create role {name} login replication password '{PASSWORD}'")
        admin.close()
        shop = Shop(_settings(postgres, name, target), _connect(postgres, name, "postgres"))
        shop.run(
            REVIEWS,
            "alter table reviews replica identity full",
            f"create publication {name} for table reviews",
            f"grant select on reviews to {name}",
        )
        made.append(shop)
        return shop

    yield make
    for shop in made:
        slot.drop(shop.settings.source, shop.settings.name)
        shop.admin.close()


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    return make_shop()


def _connect(port: int, database: str, user: str) -> Any:
    session = psycopg2.connect(host="127.0.0.1", port=port, dbname=database, user=user, password=PASSWORD)
    session.autocommit = True
    return session


def _settings(port: int, name: str, target: dict[str, Any]) -> Settings:
    login = {"host": "127.0.0.1", "port": port, "dbname": name, "user": name, "password": PASSWORD}
    return Settings(
        name,
        Source(login, "public", "reviews", heartbeat_schema=None, heartbeat_seconds=300),
        Target(
            **{
                "endpoint": "http://127.0.0.1:9",
                "bucket": "raw",
                "folder": "reviews/shop-database",
                "timestamp_column": "dms_committed_at",
                "change_column": "dms_change",
                "max_batch_seconds": 0.3,
                "min_file_kilobytes": 32_000,
                "max_file_kilobytes": 1_048_576,
                **target,
            }
        ),
        rds_instance=None,
    )
