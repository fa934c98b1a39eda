"""Loads that are large for a connector: many records, large ones, and records of very many small parts.

Texts are as random as they come, so that what is stored of them is not small.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from cassandra.metadata import Murmur3Token
from cassandra_table import Cluster
from database import Database
from documents import Documents, at
from emulator_process import REGION
from emulator_process import Server as Emulator
from local_sources.server import Server
from local_sources.service import Answer, Record, Request

MEGABYTE = 1_000_000
MOST = 400 * MEGABYTE
"""What a connector may take, its libraries included (bytes)."""

MANY = 100_000
_LARGE = 20 * MEGABYTE
# A document of MongoDB has 16 MiB at most.
_FITTING = 15 * MEGABYTE

_BUCKET, _TABLE, _SECRET = "raw", "ledger", "shop"
_AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
_HERE = Path(__file__).parent

type Records = Callable[[], Iterator[Record]]


@dataclass(frozen=True)
class Load:
    """kind: of the source; server: whose fixture it is; fill: puts the records there; records: how many.

    contract: what it says beside that of its kind.
    """

    kind: str
    what: str
    server: str
    records: int
    fill: Callable[[Any], None]
    contract: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}, {self.what}"


def measure(load: Load, server: Any, aws: Emulator, folder: Path) -> int:
    """Fetch a load in a process of its own; returns the most memory that this has taken (bytes)."""
    _empty(server)
    load.fill(server)
    contract = folder / "contract.json"
    contract.write_text(json.dumps(_contract(load)))
    _prepare(aws, server)
    names = {"AWS_ENDPOINT_URL": aws.endpoint, "RAW_BUCKET": _BUCKET, "LEDGER_TABLE": _TABLE}
    if isinstance(server, Server):
        names["SOURCE_ENDPOINT_URL"] = server.address
    else:
        names["SECRET_NAME"] = _SECRET
    run = subprocess.run(  # noqa: S603 (a program of ours)
        [sys.executable, str(_HERE / "measured_run.py"), str(contract)],
        env={**os.environ, **_AWS, **names, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        check=True,
    )
    _empty(server)
    outcome = json.loads(run.stdout.splitlines()[-1])
    assert outcome["stored"] == load.records, outcome
    return int(outcome["peak"])


def _empty(server: Any) -> None:
    """Leave nothing to others that share the server."""
    if isinstance(server, Database):
        server.do("drop table if exists reviews")
    if isinstance(server, Documents):
        server.reviews.drop()


def _prepare(aws: Emulator, server: Any) -> None:
    """An empty bucket, an empty ledger, and the secret of a database."""
    login = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
    s3, dynamodb, secrets = (
        boto3.client(name, endpoint_url=aws.endpoint, **login)
        for name in ("s3", "dynamodb", "secretsmanager")
    )
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket=_BUCKET)
        secrets.create_secret(Name=_SECRET, SecretString="{}")
    else:
        dynamodb.delete_table(TableName=_TABLE)
        for found in s3.list_objects_v2(Bucket=_BUCKET).get("Contents", []):
            s3.delete_object(Bucket=_BUCKET, Key=found["Key"])
    keys = {"object": "HASH", "version_id": "RANGE"}
    dynamodb.create_table(
        TableName=_TABLE,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    if not isinstance(server, Server):
        secrets.put_secret_value(SecretId=_SECRET, SecretString=json.dumps(server.secret()))


def _contract(load: Load) -> dict[str, Any]:
    api = {
        "kind": load.kind,
        "address": "https://api.shop.example",
        "cursor": {"field": ["updated_at"], "form": "iso"},
    }
    login = {"authentication": {"type": "password", "secret": _SECRET}}
    sql = {"kind": "sql", "engine": load.kind, "rows": {"table": "reviews"}, "key": ["id"], **login}
    column = {"cursor": {"column": "updated_at", "form": "iso"}}
    field = {"cursor": {"field": "updated_at", "form": "iso"}}
    of_kind: dict[str, dict[str, Any]] = {
        "rest": {
            **api,
            "request": {"path": "/reviews"},
            "records": "items",
            "pagination": {"type": "cursor", "parameter": "after", "path": "next"},
        },
        "graphql": {
            **api,
            "request": {"path": "/reviews", "query": ["query Reviews($after: String) { reviews }"]},
            "records": "data.items",
            "pagination": {"type": "page-info", "parameter": "after", "path": "data.pageInfo"},
        },
        "postgresql": {**sql, **column},
        "mysql": {**sql, **column},
        "mongodb": {"kind": "mongodb", "collection": "reviews", **field, **login},
        "cassandra": {"kind": "cassandra", "keyspace": "shop", "table": "reviews", **column, **login},
    }
    return {"connector": "shop", "source": "native", **of_kind[load.kind], **load.contract}


def _reviews(*sizes: int) -> Iterator[Record]:
    """Reviews, with texts of so many characters."""
    return ({"id": n, "body": _text(size, n), "updated_at": at(n)} for n, size in enumerate(sizes))


def _text(size: int, seed: int) -> str:
    return base64.b64encode(random.Random(seed).randbytes(size * 3 // 4)).decode()  # noqa: S311 (no secret)


def _parted(part: Callable[[int], Any], count: int) -> Iterator[Record]:
    """Two records of so many parts."""
    return ({"id": n, "updated_at": at(n), "parts": [part(m) for m in range(count)]} for n in range(2))


MANY_RECORDS: Records = partial(_reviews, *[500] * MANY)
# Nobody knows that large ones follow.
SUDDENLY_LARGE: Records = partial(_reviews, *[500] * 300, *[_LARGE] * 6)


class Api:
    """A list of an API, REST or GraphQL, in pages."""

    def __init__(self, size: int, records: Records) -> None:
        self._size = size
        self._records = records()

    def __call__(self, request: Request) -> Answer:
        variables = request.document.get("variables", request.parameters)
        following = str(int(variables.get("after") or 0) + self._size)
        items = list(itertools.islice(self._records, self._size))
        more = len(items) == self._size
        info = {"pageInfo": {"hasNextPage": more, "endCursor": following}}
        page = {"items": items, "next": following if more else None, **info}
        return Answer(json.dumps({"data": page} if request.document else page, default=str).encode())


def _serve(size: int, records: Records) -> Callable[[Server], None]:
    def fill(server: Server) -> None:
        server.services = (Api(size, records),)

    return fill


def _of_api(kind: str) -> list[Load]:
    large = partial(_reviews, *[_LARGE] * 3)
    return [
        Load(kind, "100,000 records", "api", MANY, _serve(1_000, MANY_RECORDS)),
        Load(kind, "records of 20 MB", "api", 3, _serve(1, large)),
    ]


def _rows(records: Records) -> Callable[[Database], None]:
    def fill(database: Database) -> None:
        database.create_reviews()
        for large, batch in itertools.groupby(records(), lambda row: len(row["body"]) > MEGABYTE):
            for some in itertools.batched(batch, 1 if large else 1_000):
                database.insert(list(some))

    return fill


def _json_rows(kind: str) -> Callable[[Database], None]:
    """Rows of JSON that the database makes itself, of parts of eight bytes."""
    column, cast = {"postgresql": ("jsonb", r"\:\:jsonb"), "mysql": ("longtext", "")}[kind]
    part = r'{"a"\:1}'
    text = f"concat('[', repeat('{part},', {_LARGE // 8}), '{part}]')"

    def fill(database: Database) -> None:
        _rows(partial(_reviews, 10, 10, 10))(database)
        database.do(f"alter table reviews add parts {column}", f"update reviews set parts = ({text}){cast}")  # noqa: S608

    return fill


def _of_sql(kind: str, server: str) -> list[Load]:
    parts = {"json": ["parts"]} if kind == "mysql" else {}
    return [
        Load(kind, "100,000 rows", server, MANY, _rows(MANY_RECORDS)),
        Load(kind, "small rows, then rows of 20 MB", server, 306, _rows(SUDDENLY_LARGE)),
        Load(kind, "JSON of 20 MB in small parts", server, 3, _json_rows(kind), parts),
    ]


def _documents(records: Records) -> Callable[[Documents], None]:
    def fill(documents: Documents) -> None:
        documents.reviews.create_index([("updated_at", 1), ("_id", 1)])
        made = ({"_id": found.pop("id"), **found} for found in records())
        for small, batch in itertools.groupby(made, lambda found: len(found.get("body", "")) < MEGABYTE):
            for some in itertools.batched(batch, 1_000 if small else 1):
                documents.reviews.insert_many(some)

    return fill


def _of_mongodb() -> list[Load]:
    parts: dict[str, Callable[[int], Any]] = {"sub-documents": lambda n: {"a": n}, "times": at}
    return [
        Load("mongodb", "100,000 documents", "mongodb", MANY, _documents(MANY_RECORDS)),
        Load("mongodb", "documents of 15 MB", "mongodb", 3, _documents(partial(_reviews, *[_FITTING] * 3))),
        *(
            Load(
                "mongodb",
                f"documents of 700,000 {name}",
                "mongodb",
                2,
                _documents(partial(_parted, part, 700_000)),
            )
            for name, part in parts.items()
        ),
    ]


def _table(records: Records, *columns: str) -> Callable[[Cluster], None]:
    def fill(table: Cluster) -> None:
        table.create_reviews()
        for column in columns:
            table.do(f"alter table shop.reviews add {column}")
        for small, batch in itertools.groupby(records(), lambda row: len(row.get("body", "")) < MEGABYTE):
            for some in itertools.batched(batch, 1_000 if small else 1):
                table.insert(list(some))

    return fill


def _in_order_of_tokens(*sizes: int) -> Iterator[Record]:
    """Reviews that a cluster gives out in the order of these sizes."""
    order = sorted(range(len(sizes)), key=lambda n: Murmur3Token.from_key(n.to_bytes(4)).value)
    made = _reviews(*sizes)
    return (found | {"id": number} for number, found in zip(order, made, strict=True))


def _rows_of_20_megabytes(table: Cluster) -> None:
    """Each in three writes, since the local Cassandra takes no more than nine megabytes in one."""
    table.create_reviews()
    for name in ("more", "most"):
        table.do(f"alter table shop.reviews add {name} text")
    for row in _reviews(*[_LARGE // 3] * 2):
        table.insert([row])
        for name in ("more", "most"):
            table.insert([{"id": row["id"], name: row["body"]}])


def _of_cassandra() -> list[Load]:
    suddenly = partial(_in_order_of_tokens, *[500] * 8, *[9 * MEGABYTE] * 4)
    maps = "parts frozen<list<frozen<map<text, int>>>>"
    return [
        Load("cassandra", "100,000 rows", "cluster", MANY, _table(MANY_RECORDS)),
        Load("cassandra", "rows of 20 MB", "cluster", 2, _rows_of_20_megabytes),
        Load("cassandra", "small rows, then rows of 9 MB", "cluster", 12, _table(suddenly)),
        Load(
            *("cassandra", "rows of 400,000 maps", "cluster", 2),
            _table(partial(_parted, lambda n: {"a": n}, 400_000), maps),
        ),
    ]


LOADS = [
    *_of_api("rest"),
    *_of_api("graphql"),
    *_of_sql("postgresql", "postgres"),
    *_of_sql("mysql", "mariadb"),
    *_of_mongodb(),
    *_of_cassandra(),
]
