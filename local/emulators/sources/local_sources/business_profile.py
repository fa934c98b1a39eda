"""Google Business Profile: the reviews of locations.

"REST Resource: accounts.locations.reviews", Google My Business API; "Using OAuth 2.0 for Web Server
Applications" (refreshing an access token), Google Identity.
"""

from __future__ import annotations

import re

from local_sources.service import NOT_FOUND, Answer, Record, Request, newest_first

_PATH = re.compile(r"^/v4/(accounts/[^/]+/locations/[^/]+)/reviews$")
_TOKEN_PATH = "/token"  # noqa: S105 (a path)
_LARGEST_PAGE = 50
_UNAUTHENTICATED = Answer({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, status=401)


class BusinessProfile:
    """Reviews by location, for who has a token. A page without reviews has no list; the last one no token."""

    def __init__(self, locations: dict[str, list[Record]], refresh_token: str) -> None:
        self.locations = locations
        self._refresh_token = refresh_token
        self._access_token = f"access-{refresh_token}"

    def __call__(self, request: Request) -> Answer | None:
        if request.path == _TOKEN_PATH:
            return self._token(request)
        found = _PATH.match(request.path)
        if not found:
            return None
        if request.headers.get("authorization") != f"Bearer {self._access_token}":
            return _UNAUTHENTICATED
        reviews = self.locations.get(found[1])
        return NOT_FOUND if reviews is None else Answer(_page(reviews, request))

    def _token(self, request: Request) -> Answer:
        form = request.form
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self._refresh_token:
            return Answer({"error": "invalid_grant"}, status=400)
        return Answer({"access_token": self._access_token, "expires_in": 3599, "token_type": "Bearer"})


def _page(reviews: list[Record], request: Request) -> Record:
    size = min(int(request.parameters.get("pageSize", _LARGEST_PAGE)), _LARGEST_PAGE)
    start = int(request.parameters.get("pageToken", "0"))
    page = newest_first(reviews, "updateTime")[start : start + size]
    following = {"nextPageToken": str(start + size)} if start + size < len(reviews) else {}
    return ({"reviews": page, "totalReviewCount": len(reviews)} if page else {}) | following
