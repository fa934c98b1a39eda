"""Steam's review API. "User Reviews - Get List", Steamworks Documentation."""

from __future__ import annotations

import base64
import re

from local_sources.service import Answer, Record, Request, newest_first

_PATH = re.compile(r"^/appreviews/([0-9]+)$")
_FIRST = "*"
_LARGEST_PAGE = 100
_USUAL_PAGE = 20


class Steam:
    """Reviews by app. A page begins behind the review that the cursor names; the end repeats its cursor."""

    def __init__(self, apps: dict[str, list[Record]]) -> None:
        self.apps = apps

    def __call__(self, request: Request) -> Answer | None:
        found = _PATH.match(request.path)
        if not found:
            return None
        if request.parameters.get("json") != "1":
            return Answer(b"<html>Reviews</html>", headers={"Content-Type": "text/html"})
        reviews = self.apps.get(found[1])
        if reviews is None:
            return Answer({"success": 2})
        return Answer(_page(reviews, request))


def _page(reviews: list[Record], request: Request) -> Record:
    size = min(int(request.parameters.get("num_per_page", _USUAL_PAGE)), _LARGEST_PAGE)
    cursor = request.parameters.get("cursor", _FIRST)
    listed = newest_first(reviews, "timestamp_updated")
    if cursor != _FIRST:
        last = base64.b64decode(cursor).decode()
        names = [review["recommendationid"] for review in listed]
        listed = listed[names.index(last) + 1 :] if last in names else []
    page = listed[:size]
    following = base64.b64encode(page[-1]["recommendationid"].encode()).decode() if page else cursor
    return {
        "success": 1,
        "query_summary": {"num_reviews": len(page)},
        "reviews": page,
        "cursor": following,
    }
