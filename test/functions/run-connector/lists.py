"""An API that gives out one list in every way of paging, and contracts for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from connector.budget import Budget
from connector.contract import Contract
from local_sources.service import Answer, Record, Request

SIZE = 10
PAGINATIONS: dict[str, dict[str, Any]] = {
    "single": {"type": "single"},
    "page": {"type": "page", "parameter": "page"},
    "page-in-path": {"type": "page"},
    "offset": {"type": "offset", "parameter": "offset", "sizeParameter": "limit", "size": SIZE},
    "cursor": {"type": "cursor", "parameter": "after", "path": "next"},
    "link-header": {"type": "link-header"},
    "next-url": {"type": "next-url", "path": "next"},
}


def record(number: int, **more: Any) -> Record:
    """A record that was changed in second `number`."""
    return {"id": f"r{number}", "changed": number, "text": f"review {number}", **more}


class Lists:
    """The records under a path of each way of paging: /page, /offset, …"""

    def __init__(self, records: list[Record]) -> None:
        self.records = records

    def __call__(self, request: Request) -> Answer | None:
        way, _, number = request.path.strip("/").partition("/page=")
        if way not in PAGINATIONS:
            return None
        parameters = request.parameters
        since = int(parameters.get("since", "-1"))
        listed = [found for found in self.records if found["changed"] is None or found["changed"] >= since]
        if way == "single":
            return Answer({"items": listed})
        starts = {
            "page": (int(parameters.get("page", "1")) - 1) * SIZE,
            "page-in-path": (int(number or "1") - 1) * SIZE,
            "offset": int(parameters.get("offset", "0")),
        }
        start = starts.get(way, int(parameters.get("after", "0")))
        page = {"items": listed[start : start + SIZE]}
        following = start + SIZE if start + SIZE < len(listed) else None
        if following is None or way in starts:
            return Answer(page)
        url = f"/{way}?after={following}&since={since}"
        match way:
            case "cursor":
                return Answer({**page, "next": str(following)})
            case "next-url":
                return Answer({**page, "next": url})
            case _:
                return Answer(page, headers={"Link": f'<{url}>; rel="next"'})


def contract(way: str = "cursor", **more: Any) -> Contract:
    """A contract for the list under the path of a way of paging."""
    return Contract.of(
        {
            "connector": "shop",
            "source": "native",
            "address": "https://api.shop.example",
            "request": {"path": f"/{way}/page={{page}}" if way == "page-in-path" else f"/{way}"},
            "records": "items",
            "pagination": PAGINATIONS[way],
            "limits": {"callsPerRun": 100_000},
            **more,
        }
    )


def budget(calls: int = 100_000, seconds_left: Callable[[], float] = lambda: 60) -> Budget:
    """A budget whose pauses take no time."""
    clock = itertools.count()
    return Budget(calls, 1, seconds_left, now=lambda: next(clock), sleep=lambda _: None)
