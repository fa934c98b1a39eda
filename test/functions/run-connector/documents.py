"""A collection of MongoDB on this machine, as its owner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from connector.budget import Budget
from connector.mongodb_contract import MongodbContract
from connector.mongodb_source import MongodbSource
from database import PASSWORD
from lists import budget
from local_sources.service import Record
from pymongo import MongoClient
from pymongo.collection import Collection

CURSOR: dict[str, Any] = {"field": "updated_at", "form": "iso"}
NAME = "shop"
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def review(number: int, second: float | None = None, **more: Any) -> dict[str, Any]:
    """Review `number`, changed in second `number`, or in another one."""
    moment = at(number if second is None else second)
    return {"_id": number, "body": f"review {number}", "updated_at": moment} | more


class Documents:
    """A server with one collection, "reviews"."""

    def __init__(self, port: int, authority: Path) -> None:
        self.port = port
        self.authority = authority

    def secret(self, **more: Any) -> dict[str, Any]:
        """What a connector needs to know of it."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": NAME,
            "username": NAME,
            "password": PASSWORD,
            "authSource": NAME,
            "certificate": self.authority.read_text(),
        } | more

    def contract(self, **more: Any) -> MongodbContract:
        """A contract for the collection "reviews"."""
        return MongodbContract.of(
            {
                "connector": "shop",
                "source": "native",
                "collection": "reviews",
                "cursor": CURSOR,
                "authentication": {"type": "password", "secret": "shop"},
            }
            | more
        )

    def source(
        self, of: MongodbContract, secret: Mapping[str, Any] | None = None, spend: Budget | None = None
    ) -> MongodbSource:
        """What reads it by a contract."""
        return MongodbSource(of, secret or self.secret(), spend or budget())

    def read(self, of: MongodbContract, since: float | None = None) -> list[Record]:
        """All records that it gives by a contract."""
        [stream] = of.streams
        return [record for page in self.source(of).pages(stream, since, None) for record in page.records]

    @property
    def reviews(self) -> Collection[dict[str, Any]]:
        """The collection, for its owner."""
        return self._client[NAME]["reviews"]

    @cached_property
    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            "127.0.0.1",
            self.port,
            tls=True,
            tlsCAFile=str(self.authority),
            username=NAME,
            password=PASSWORD,
            authSource=NAME,
            uuidRepresentation="standard",
        )

    def close(self) -> None:
        """End the owner's connections."""
        self._client.close()
