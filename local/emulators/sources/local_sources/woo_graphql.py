"""WPGraphQL for WooCommerce: the reviews of products, a page at a time.

"Pagination", WPGraphQL documentation; "Response format", GraphQL specification: errors come with status 200.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from local_sources.service import Answer, Record, Request

_PATH = "/graphql"
_LARGEST_PAGE = 100
_WORDS = re.compile(r"\w+\s*:\s*\w+|\w+|[{}]")

# Of a selection: name in the answer → name of the field, and what is selected within it.
type Selection = dict[str, tuple[str, Selection]]


class WooGraphql:
    """Reviews by product. A record holds what the query's nodes ask for, under the names that it gives."""

    def __init__(self, products: dict[str, list[Record]]) -> None:
        self.products = products

    def __call__(self, request: Request) -> Answer | None:
        if request.path != _PATH:
            return None
        asked = request.document
        nodes = _selected(asked.get("query", ""), "nodes")
        if not nodes or "hasNextPage" not in asked["query"]:
            return _error("Syntax Error", "GRAPHQL_VALIDATION_FAILED")
        variables = asked.get("variables", {})
        reviews = self.products.get(str(variables.get("product")))
        if reviews is None:
            return Answer({**_error("No product", "NOT_FOUND").body, "data": {"product": None}})
        try:
            page = _page(reviews, variables, nodes)
        except KeyError as unknown:
            return _error(f"Cannot query field {unknown}", "GRAPHQL_VALIDATION_FAILED")
        return Answer({"data": {"product": {"reviews": page}}})


def _selected(query: str, name: str) -> Selection:
    """What a query selects within the first field of that name."""
    words = iter(_WORDS.findall(query[query.find(f"{name} {{") :]))
    return _selection(words).get(name, ("", {}))[1]


def _selection(words: Iterator[str]) -> Selection:
    selection: Selection = {}
    last = ""
    for word in words:
        if word == "}":
            break
        if word == "{":
            selection[last] = (selection[last][0], _selection(words))
        else:
            last, _, name = (part.strip() for part in word.partition(":"))
            selection[last] = (name or last, {})
    return selection


def _shown(value: Any, selection: Selection) -> Any:
    """The value as the query asks for it. Raises KeyError for a field that there is not."""
    if not selection:
        return value
    return {shown: _shown(value[name], within) for shown, (name, within) in selection.items()}


def _error(message: str, code: str) -> Answer:
    error = {"message": message, "locations": [{"line": 1, "column": 1}], "extensions": {"code": code}}
    return Answer({"errors": [error]})


def _page(reviews: list[Record], variables: Record, nodes: Selection) -> Record:
    """The newest reviews first, behind the one that the cursor names."""
    listed = sorted(reviews, key=lambda review: review["databaseId"], reverse=True)
    after = variables.get("after")
    if after is not None:
        listed = [review for review in listed if review["databaseId"] < json.loads(after)]
    page = listed[: min(int(variables.get("first", 10)), _LARGEST_PAGE)]
    return {
        "pageInfo": {
            "hasNextPage": len(page) < len(listed),
            "endCursor": json.dumps(page[-1]["databaseId"]) if page else None,
        },
        "nodes": [_shown(review, nodes) for review in page],
    }
