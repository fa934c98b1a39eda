"""What is remembered of a list of any length fits into the items of DynamoDB."""

from __future__ import annotations

from typing import Any, cast

import pytest
from connector.seen_pieces import SeenPieces
from connector.state import SEEN_LIMIT, State

# "Quotas in Amazon DynamoDB", Amazon DynamoDB Developer Guide (bytes).
LARGEST_ITEM = 400 * 1024


class Table:
    """Items by their sort key; it refuses those that DynamoDB does."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, Item: dict[str, Any]) -> None:  # noqa: N803 (as boto3 names it)
        assert sum(len(name) + len(value) for name, value in Item.items()) <= LARGEST_ITEM
        assert Item["object"] == "connector:shop"
        self.items[Item["version_id"]] = Item

    def get_item(self, *, Key: dict[str, str], ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803
        assert ConsistentRead
        found = self.items.get(Key["version_id"])
        return {"Item": found} if found else {}

    def delete_item(self, *, Key: dict[str, str]) -> None:  # noqa: N803
        del self.items[Key["version_id"]]


def pieces(table: Table) -> SeenPieces:
    return SeenPieces(cast(Any, table), "connector:shop")


def state(count: int, first: int = 0) -> State:
    return State(seen={number.to_bytes(8): float(number) for number in range(first, first + count)})


@pytest.mark.parametrize("count", [0, 10_000, 20_000, SEEN_LIMIT])
def test_a_state_of_any_length_is_read_as_it_was_written(count: int) -> None:
    table = Table()
    kept = pieces(table).put("all", state(count).as_item())
    # An entry holds two of them.
    assert 2 * len(kept.get("seen", b"")) < LARGEST_ITEM - 10_000
    assert State.from_item(pieces(table).get("all", kept)) == state(count)


def test_a_list_that_is_not_long_needs_no_other_item() -> None:
    table = Table()
    pieces(table).put("all", state(10_000).as_item())
    assert table.items == {}


def test_pieces_go_when_no_entry_refers_to_them_and_not_before() -> None:
    table = Table()
    store = pieces(table)
    old = store.put("all", state(30_000).as_item())
    store.drop_others("all", old)
    new = store.put("all", state(30_000, first=5).as_item())
    store.drop_others("all", old, new)
    assert State.from_item(pieces(table).get("all", old)) == state(30_000)
    store.drop_others("all", new, None)
    assert {name.rpartition("-")[0] for name in table.items} == {f"all#seen-{new['seenIn']}"}
    assert State.from_item(pieces(table).get("all", new)) == state(30_000, first=5)


def test_what_a_run_before_has_left_goes_too() -> None:
    table = Table()
    old = pieces(table).put("all", state(30_000).as_item())
    store = pieces(table)
    store.get("all", old)
    store.drop_others("all", state(1).as_item())
    assert table.items == {}
