"""What a run of this machine tells a server of objects: write a file, refuse, say what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from local_shared.review_files import FILES, review_file

PATH = "/_control"


class ObjectsControl:
    """The files of one container, and whether its login is refused.

    shop: what tells the reviews of one container from those of another.
    write: stores an object, as its owner does.
    """

    def __init__(self, shop: str, write: Callable[[str, bytes], None]) -> None:
        self._shop = shop
        self._write = write
        self._files: dict[str, int] = {}
        self._lock = threading.Lock()
        # Calls that are let through before all are refused; None while none is refused.
        self._passing: int | None = None

    def fill(self) -> None:
        """Write the files that are there at first."""
        for name, reviews in FILES.items():
            self._put(name, reviews)

    def told(self, form: Mapping[str, str]) -> dict[str, int]:
        """`write` a file of so many `reviews`; `refuse` ("true") all calls `after` so many, or none any more.

        Returns the reviews of each file.
        """
        if "write" in form:
            self._put(form["write"], int(form["reviews"]))
        if "refuse" in form:
            with self._lock:
                self._passing = int(form.get("after", "0")) if form["refuse"] == "true" else None
        return dict(self._files)

    def refuses(self) -> bool:
        """Whether the next call is refused; each that is not is counted."""
        with self._lock:
            if not self._passing:
                return self._passing == 0
            self._passing -= 1
            return False

    def _put(self, name: str, reviews: int) -> None:
        self._write(name, review_file(self._shop, name, reviews))
        self._files[name] = reviews
