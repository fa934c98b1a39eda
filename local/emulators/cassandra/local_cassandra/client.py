"""Runs statements of its standard input as the owner, or adds made-up reviews to the shop's table:
``CASSANDRA_PASSWORD=… python -m local_cassandra.client --port N --authority FILE [--reviews COUNT]``.

With --reviews it prints how many there are then.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local_cassandra.server import OWNER
from local_cassandra.session import Login, connected

# Reviews of one producer are told apart by their ids, whatever database they come from.
_IDS_FROM = 2_000_000

_START = datetime(2026, 1, 1, tzinfo=UTC)
_TEXTS = (
    ("Works as described.", "en"),
    ("Stopped working after a week.", "en"),
    ("¡Excelente!", "es"),
    ("まあまあです。", "ja"),
)
_INSERT = """
INSERT INTO shop.reviews (review_id, product, reviewer, rating, title, body, language, verified_purchase,
    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m local_cassandra.client", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port of the server (127.0.0.1)")
    parser.add_argument("--authority", type=Path, required=True, help="authority of its certificate (PEM)")
    parser.add_argument("--reviews", type=int, help="reviews to add")
    chosen = parser.parse_args()
    with connected(chosen.port, chosen.authority, Login(OWNER, os.environ["CASSANDRA_PASSWORD"])) as session:
        if chosen.reviews is not None:
            print(_add(session, chosen.reviews))
            return
        script = re.sub(r"^--.*$", "", sys.stdin.read(), flags=re.MULTILINE)
        for statement in filter(str.strip, script.split(";")):
            session.execute(statement)


def _add(session: Any, count: int) -> int:
    """Add reviews, one a minute; returns how many there are then."""
    first = 1 + _count(session)
    insert = session.prepare(_INSERT)
    for number in range(first, first + count):
        session.execute(insert, _review(number))
    return _count(session)


def _count(session: Any) -> int:
    return int(session.execute("SELECT count(*) FROM shop.reviews").one()[0])


def _review(number: int) -> tuple[object, ...]:
    body, language = _TEXTS[number % len(_TEXTS)]
    moment = _START + timedelta(minutes=number)
    title = "As ordered" if number % 3 == 0 else None
    people = ((f"sku-{number % 40}",), (f"shop-{number % 90}",))
    return (
        _IDS_FROM + number,
        *people,
        1 + number * 7 % 5,
        title,
        body,
        language,
        number % 5 > 0,
        moment,
        moment,
    )


if __name__ == "__main__":
    main()
