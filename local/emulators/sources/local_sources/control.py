"""What a run of this machine tells the sources: add reviews, fail, say how many there are, and calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local_sources.server import Server
from local_sources.service import Answer, Record, Request

_PATH = "/_control"


@dataclass(frozen=True)
class List:
    """A list of reviews, and how its next one is made: of the list's name and a number."""

    reviews: list[Record]
    review: Callable[[str, int], Record]

    def add(self, name: str, count: int) -> None:
        """Add so many, each newer than the one before."""
        first = len(self.reviews)
        self.reviews.extend(self.review(name, number) for number in range(first, first + count))


class Control:
    """Lists by their names, and the server that may be told to fail."""

    def __init__(self, lists: dict[str, List], server: Server) -> None:
        self._lists = lists
        self._server = server

    def __call__(self, request: Request) -> Answer | None:
        """`add` reviews to a `list`, or answer with `status` once `after` so many calls.

        The answer: reviews of each list, and the calls so far.
        """
        if request.path != _PATH:
            return None
        form = request.form
        if "add" in form:
            self._lists[form["list"]].add(form["list"], int(form["add"]))
        if "status" in form:
            passing: list[Answer | None] = [None] * int(form.get("after", "0"))
            self._server.faults.extend([*passing, Answer({"error": "on demand"}, status=int(form["status"]))])
        lists = {name: len(found.reviews) for name, found in self._lists.items()}
        return Answer({"lists": lists, "calls": len(self._server.calls)})
