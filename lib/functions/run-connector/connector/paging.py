"""dlt's paginators for the ways of paging that a contract names."""

from collections.abc import Mapping
from typing import Any

from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)


def paginator(pagination: Mapping[str, Any], parameters: Mapping[str, Any]) -> BasePaginator:
    """A paginator that goes on where the parameters of the first call are."""
    match pagination["type"]:
        case "page":
            name = pagination["parameter"]
            first = pagination.get("first", 1)
            return PageNumberPaginator(first, int(parameters.get(name, first)), name, total_path=None)
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
