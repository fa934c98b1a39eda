"""The App Store's feed of customer reviews, which no page of Apple's describes: as clients of it know it.

It gives ten pages of fifty. A page without reviews has no entry, and one with a single review has the
review in place of a list; so it is with an app that nobody knows.
"""

from __future__ import annotations

import re

from local_sources.service import Answer, Record, Request

_PATH = re.compile(
    r"^/us/rss/customerreviews/page=(?P<page>[0-9]+)/id=(?P<app>[0-9]+)/sortby=mostrecent/json$"
)
_PAGE = 50
_LAST_PAGE = 10


class AppStore:
    """Reviews by app."""

    def __init__(self, apps: dict[str, list[Record]]) -> None:
        self.apps = apps

    def __call__(self, request: Request) -> Answer | None:
        found = _PATH.match(request.path)
        if not found:
            return None
        number = int(found["page"])
        if not 1 <= number <= _LAST_PAGE:
            return Answer(b"CustomerReviews RSS page depth is limited to 10", status=400)
        newest = sorted(
            self.apps.get(found["app"], []), key=lambda review: str(review["updated"]["label"]), reverse=True
        )
        page = newest[(number - 1) * _PAGE : number * _PAGE]
        feed: Record = {"author": {"name": {"label": "iTunes Store"}}, "title": {"label": "Customer Reviews"}}
        if page:
            feed["entry"] = page[0] if len(page) == 1 else page
        return Answer({"feed": feed})
