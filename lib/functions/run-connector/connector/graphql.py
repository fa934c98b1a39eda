"""Pages of a GraphQL API: one query, whose variables say which page and what is new.

"Serving over HTTP" and "Pagination", GraphQL documentation; "GraphQL Cursor Connections Specification",
Relay.
"""

from __future__ import annotations

import re
from typing import Any

from dlt.common import jsonpath
from dlt.sources.helpers.rest_client.client import PageData
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from connector.contract import Stream
from connector.rest import PassingError, RestSource
from connector.state import Position

# As Shopify, GitHub and Apollo Server name what may be over soon.
_PASSING = ("THROTTLED", "RATE_LIMITED", "RATE_LIMIT", "INTERNAL_SERVER_ERROR", "TIMEOUT")
_CODE = re.compile(r"[A-Za-z_]{1,60}")


class GraphqlSource(RestSource):
    """The API of a contract of kind graphql. Each call posts the query; the variables are the position."""

    def _first(self, stream: Stream, since: float | None) -> Position:
        where = super()._first(stream, since)
        return {"url": where["url"], "params": {}, "variables": {**where["params"], **stream.variables}}

    def _asked(self, _stream: Stream, where: Position) -> dict[str, Any]:
        pagination = self._contract.pagination
        info = pagination["path"]
        return {
            "method": "POST",
            "json": {"query": self._contract.query, "variables": dict(where["variables"])},
            "paginator": JSONResponseCursorPaginator(
                f"{info}.endCursor",
                cursor_body_path=f"variables.{pagination['parameter']}",
                has_more_path=f"{info}.hasNextPage",
            ),
        }

    def _following(self, page: PageData[Any]) -> Position | None:
        following = super()._following(page)
        posted: Any = page.request.json
        return following and {**following, "variables": dict(posted["variables"])}

    def _check_document(self, document: Any) -> None:
        # Errors come with status 200, and beside data that is not whole.
        errors = document.get("errors") if isinstance(document, dict) else None
        if errors:
            self._refuse(errors if isinstance(errors, list) else [errors])
        super()._check_document(document)
        path = self._contract.pagination["path"]
        found = [info for info in jsonpath.find_values(path, document) if isinstance(info, dict)]
        more = found[0].get("hasNextPage") if found else None
        if not isinstance(more, bool) or (more and not isinstance(found[0].get("endCursor"), str)):
            raise self._error(
                f'gives an answer without "hasNextPage" and "endCursor" at "{path}"',
                'ask for both in the query, and see whether "pagination" names their place',
            )

    def _refuse(self, errors: list[Any]) -> None:
        """Raises what the errors ask for; of them only what holds no value of a record is shown."""
        codes = list(dict.fromkeys(code for error in errors if (code := _code_of(error))))
        said = ", ".join(codes) or "without a code"
        if codes and all(code.upper() in _PASSING for code in codes):
            raise PassingError(f"answers with errors ({said})")
        first = errors[0] if isinstance(errors[0], dict) else {}
        places = [place for place in first.get("locations") or [] if isinstance(place, dict)]
        line = f" in line {places[0].get('line')} of the query" if places else ""
        raise self._error(
            f"answers with errors ({said}{line})",
            'send the "query" of the contract by hand to read them; data beside them is left alone',
        )


def _code_of(error: Any) -> str | None:
    """What kind of error it is: `extensions.code`, or `type` as GitHub has it."""
    if not isinstance(error, dict):
        return None
    extensions = error.get("extensions")
    found = (extensions.get("code") if isinstance(extensions, dict) else None) or error.get("type")
    return found if isinstance(found, str) and _CODE.fullmatch(found) else None
