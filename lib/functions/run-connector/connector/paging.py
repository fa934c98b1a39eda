"""dlt's paginators for the ways of paging that a contract names."""

import re
from collections.abc import Mapping
from typing import Any

import requests
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

PAGE = "{page}"
"""Where a path has the number of a page."""


class PathPagePaginator(PageNumberPaginator):
    """Goes on by a number that stands in the URL."""

    def __init__(self, before: str, page: int, after: str, last: int | None) -> None:
        """before, after: what is before and behind the number."""
        super().__init__(page, page, "page", total_path=None, maximum_page=_behind(last))
        self._before = before
        self._after = after

    def update_request(self, request: requests.Request) -> None:
        """Ask for the page."""
        request.url = f"{self._before}{self.current_value}{self._after}"


def first_page(pagination: Mapping[str, Any], path: str) -> str:
    """The path of the first page."""
    return path.replace(PAGE, str(pagination.get("first", 1)))


def paginator(
    pagination: Mapping[str, Any], parameters: Mapping[str, Any], url: str, path: str
) -> BasePaginator:
    """A paginator that goes on where the first call is.

    parameters, url: of that call. path: of the list, as the contract has it.
    """
    match pagination["type"]:
        case "page" if PAGE in path:
            before, _, after = path.partition(PAGE)
            found = re.search(f"{re.escape(before)}([0-9]+){re.escape(after)}$", url)
            if not found:
                raise ValueError(f"a position of another path is kept: {url}")
            return PathPagePaginator(
                url[: found.start(1)], int(found[1]), url[found.end(1) :], pagination.get("last")
            )
        case "page":
            name = pagination["parameter"]
            first = pagination.get("first", 1)
            page = int(parameters.get(name, first))
            maximum = _behind(pagination.get("last"))
            return PageNumberPaginator(first, page, name, total_path=None, maximum_page=maximum)
        case "offset":
            name = pagination["parameter"]
            return OffsetPaginator(
                pagination["size"],
                int(parameters.get(name, 0)),
                name,
                pagination["sizeParameter"],
                total_path=None,
            )
        case "cursor":
            return JSONResponseCursorPaginator(pagination["path"], pagination["parameter"])
        case "link-header":
            return HeaderLinkPaginator()
        case "next-url":
            return JSONLinkPaginator(pagination["path"])
        case _:
            return SinglePagePaginator()


def _behind(last: int | None) -> int | None:
    """dlt ends where it would ask for the number that is named."""
    return None if last is None else last + 1
