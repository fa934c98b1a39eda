"""WPGraphQL for WooCommerce: the reviews of products, a page at a time.

"Pagination", WPGraphQL documentation; "Response format", GraphQL specification: errors come with status 200.
"""

from __future__ import annotations

import json
import re

from local_sources.service import Answer, Record, Request

_PATH = "/graphql"
_LARGEST_PAGE = 100
# Of a selection: "name" or "alias: name".
_FIELD = re.compile(r"(?:(\w+)\s*:\s*)?(\w+)")
_NODES = re.compile(r"nodes\s*\{([^{}]*)\}")


class WooGraphql:
    """Reviews by product. A record holds what the query's nodes ask for, under the names that it gives."""

    def __init__(self, products: dict[str, list[Record]]) -> None:
        self.products = products

    def __call__(self, request: Request) -> Answer | None:
        if request.path != _PATH:
            return None
        asked = request.document
        nodes = _NODES.search(asked.get("query", ""))
        if not nodes or "hasNextPage" not in asked["query"]:
            return _error("Syntax Error", "GRAPHQL_VALIDATION_FAILED")
        variables = asked.get("variables", {})
        reviews = self.products.get(str(variables.get("product")))
        if reviews is None:
            return Answer({**_error("No product", "NOT_FOUND").body, "data": {"product": None}})
        fields = {alias or name: name for alias, name in _FIELD.findall(nodes[1])}
        unknown = [name for review in reviews[:1] for name in fields.values() if name not in review]
        if unknown:
            return _error(f'Cannot query field "{unknown[0]}"', "GRAPHQL_VALIDATION_FAILED")
        return Answer({"data": {"product": {"reviews": _page(reviews, variables, fields)}}})


def _error(message: str, code: str) -> Answer:
    error = {"message": message, "locations": [{"line": 1, "column": 1}], "extensions": {"code": code}}
    return Answer({"errors": [error]})


def _page(reviews: list[Record], variables: Record, fields: dict[str, str]) -> Record:
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
        "nodes": [{shown: review[name] for shown, name in fields.items()} for review in page],
    }
