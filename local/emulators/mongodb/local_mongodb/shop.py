"""The collection of a made-up shop: ``python -m local_mongodb.shop --port N --authority FILE COMMAND``.

The owner's password is in MONGODB_PASSWORD. The commands:
make: a reader, whose password is in SHOP_PASSWORD, and a draft that nobody should read.
login: another password for the reader, in SHOP_PASSWORD.
add COUNT: as many published reviews, one a minute.
Each prints how many published reviews there are then.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from local_mongodb.server import DATABASE

_READER = "review_reader"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_TEXTS = (
    ("Works as described.", "en"),
    ("Stopped working after a week.", "en"),
    ("¡Excelente!", "es"),
    ("まあまあです。", "ja"),
)


def review(number: int, status: str = "published") -> dict[str, Any]:
    """Review `number`, changed in minute `number`."""
    body, language = _TEXTS[number % len(_TEXTS)]
    moment = _START + timedelta(minutes=number)
    return {
        "review_id": f"r{number}",
        "status": status,
        "product": {"product_id": f"sku-{number % 40}", "title": f"Product {number % 40}"},
        "reviewer": {"reviewer_id": f"shop-{number % 90}", "email": "nobody@shop.example"},
        "rating": 1 + number * 7 % 5,
        **({"title": "As ordered"} if number % 3 == 0 else {}),
        "body": body,
        "language": language,
        "verified_purchase": number % 5 > 0,
        "tags": ["gift"] if number % 7 == 0 else [],
        "created_at": moment,
        "updated_at": moment,
    }


def main() -> None:
    """Do what is asked, as the owner."""
    parser = argparse.ArgumentParser(prog="python -m local_mongodb.shop", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port of the server")
    parser.add_argument("--authority", required=True, help="PEM file of its certificate's authority")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make")
    commands.add_parser("login")
    commands.add_parser("add").add_argument("count", type=int)
    chosen = parser.parse_args()
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1",
        chosen.port,
        tls=True,
        tlsCAFile=chosen.authority,
        username=DATABASE,
        password=os.environ["MONGODB_PASSWORD"],
        authSource=DATABASE,
    )
    with client:
        database = client[DATABASE]
        reviews = database["reviews"]
        match chosen.command:
            case "make":
                database.command("createUser", _READER, pwd=os.environ["SHOP_PASSWORD"], roles=[])
                reviews.create_index([("updated_at", 1), ("_id", 1)])
                reviews.insert_one(review(0, "draft"))
            case "login":
                database.command("updateUser", _READER, pwd=os.environ["SHOP_PASSWORD"])
            case "add":
                _add(database, chosen.count)
        print(_published(database))


def _add(database: Database[dict[str, Any]], count: int) -> None:
    first = _published(database) + 1
    made = [review(number) for number in range(first, first + count)]
    if made:
        database["reviews"].insert_many(made)


def _published(database: Database[dict[str, Any]]) -> int:
    return database["reviews"].count_documents({"status": "published"})


if __name__ == "__main__":
    main()
