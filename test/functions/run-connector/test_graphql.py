"""The GraphQL source against a real server: paging, errors within good answers, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connector.contract import Contract
from connector.errors import ConnectorError, SourceUnavailableError
from connector.graphql import GraphqlSource
from connector.page import Page
from connector.run import run
from lists import budget
from local_sources.reviews import woo_review
from local_sources.server import Server
from local_sources.service import Answer
from local_sources.woo_graphql import WooGraphql
from memory_store import MemoryStore

FILE = Path(__file__).parents[3] / "contracts" / "connectors" / "woo-graphql.json"
PRODUCT = "93"
PAGE_INFO = {"hasNextPage": False, "endCursor": None}


def contract(**more: Any) -> Contract:
    return Contract.of(json.loads(FILE.read_text()) | more)


def whole(nodes: list[Any], info: Any = PAGE_INFO) -> dict[str, Any]:
    return {"data": {"product": {"reviews": {"nodes": nodes, "pageInfo": info}}}}


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"message": "of Ada Lovelace", "extensions": {"code": code}, **more}


@pytest.fixture
def service() -> WooGraphql:
    return WooGraphql({name: [woo_review(name, n) for n in range(230)] for name in (PRODUCT, "94")})


@pytest.fixture
def server(service: WooGraphql) -> Iterator[Server]:
    started = Server(service)
    started.start()
    yield started
    started.stop()


def source_of(server: Server, of: Contract) -> GraphqlSource:
    return GraphqlSource(of, {}, budget(), address=server.address, backoff=0)


def pages(server: Server, of: Contract | None = None) -> list[Page]:
    of = of or contract()
    return list(source_of(server, of).pages(of.streams[0], None, None))


def numbers(found: list[Page]) -> list[int]:
    return sorted(record["id"] for page in found for record in page.records)


def test_a_query_gives_each_record_once_under_the_names_that_it_asks_for(
    server: Server, service: WooGraphql
) -> None:
    found = pages(server)
    assert [len(page.records) for page in found] == [100, 100, 30]
    assert numbers(found) == [review["databaseId"] for review in service.products[PRODUCT]]
    assert set(found[0].records[0]) == {"id", "date_created_gmt", "rating", "review", "author"}
    assert set(found[0].records[0]["author"]["node"]) == {"databaseId", "name", "email"}
    assert all(call.document["variables"]["product"] == PRODUCT for call in server.calls)


def test_a_position_goes_on_behind_the_page_that_it_came_with(server: Server, service: WooGraphql) -> None:
    of = contract()
    first = next(source_of(server, of).pages(of.streams[0], None, None))
    kept = json.loads(json.dumps(first.position))
    rest = list(source_of(server, of).pages(of.streams[0], None, kept))
    assert numbers([first, *rest]) == [review["databaseId"] for review in service.products[PRODUCT]]


def test_what_is_new_is_asked_for_by_a_variable(server: Server) -> None:
    of = contract(cursor={"field": ["date_created_gmt"], "form": "iso", "parameter": "since"})
    next(source_of(server, of).pages(of.streams[0], 0.0, None))
    assert server.calls[0].document["variables"]["since"] == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "fault",
    [
        Answer({"errors": [error("THROTTLED")]}),
        Answer({"errors": [{"type": "RATE_LIMITED", "message": "wait"}]}),
        Answer(b"", status=502),
        Answer(b'{"data"', announced=10_000),
    ],
    ids=["throttled with status 200", "rate limit as GitHub says it", "502", "cut connection"],
)
def test_a_fault_that_passes_costs_no_record(server: Server, service: WooGraphql, fault: Answer) -> None:
    server.faults.extend([None, fault, fault])
    assert numbers(pages(server)) == [review["databaseId"] for review in service.products[PRODUCT]]


def test_a_fault_that_stays_is_left_to_a_later_call(server: Server) -> None:
    server.faults.extend([Answer({"errors": [error("THROTTLED")]})] * 5)
    with pytest.raises(SourceUnavailableError) as raised:
        pages(server)
    assert str(raised.value) == (
        "Connector woo-graphql: shop.example.com answers with errors (THROTTLED); it is asked again later."
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"errors": [error("UNDEFINED_FIELD", locations=[{"line": 5, "column": 3}])]},
            "answers with errors (UNDEFINED_FIELD in line 5 of the query); ",
        ),
        ({"errors": [{"message": "of Ada"}]}, "answers with errors (without a code); "),
        ({"errors": "no"}, "answers with errors (without a code); "),
        (
            {**whole([{"id": 1}]), "errors": [error("FORBIDDEN"), error("THROTTLED")]},
            "answers with errors (FORBIDDEN, THROTTLED); ",
        ),
        ({"data": {"product": None}}, 'gives an answer without a list at "data.product.reviews.nodes"; '),
        (
            whole([], {"endCursor": "x"}),
            'gives an answer without "hasNextPage" and "endCursor" at "data.product.reviews.pageInfo"; ',
        ),
        (
            whole([], {"hasNextPage": True, "endCursor": None}),
            'gives an answer without "hasNextPage" and "endCursor" at "data.product.reviews.pageInfo"; ',
        ),
    ],
)
def test_an_error_in_a_good_answer_is_said_at_once_without_the_words_of_the_source(
    server: Server, answer: dict[str, Any], sentence: str
) -> None:
    server.faults.append(Answer(answer))
    with pytest.raises(ConnectorError) as raised:
        pages(server)
    assert str(raised.value).startswith(f"Connector woo-graphql: shop.example.com {sentence}")
    assert "Ada" not in str(raised.value)
    assert len(server.calls) == 1


def test_pages_that_repeat_themselves_end_in_an_error(server: Server) -> None:
    again = Answer(whole([{"id": 1}], {"hasNextPage": True, "endCursor": "1"}))
    server.faults.extend([again] * 3)
    with pytest.raises(ConnectorError, match="names a next page that has been read already"):
        pages(server)


def test_data_beside_an_error_is_not_stored_and_the_next_run_reads_everything(
    server: Server, service: WooGraphql
) -> None:
    store = MemoryStore()
    partial = Answer({**whole([{"id": 1}]), "errors": [error("FORBIDDEN")]})
    server.faults.extend([None, partial])
    with pytest.raises(ConnectorError):
        run(contract(), source_of(server, contract()), store, budget())
    assert all(row["id"] != 1 for row in store.rows())
    run(contract(), source_of(server, contract()), store, budget())
    everything = [review["databaseId"] for reviews in service.products.values() for review in reviews]
    assert sorted(row["id"] for row in store.rows()) == sorted(everything)
    assert {row["product_id"] for row in store.rows()} == {PRODUCT, "94"}
    assert run(contract(), source_of(server, contract()), store, budget())["stored"] == 0
