"""Rows of a real Cassandra: the first load, later ones, kills and repetitions, and values of every kind."""

from __future__ import annotations

import contextlib
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cassandra_table import INDEXED, Cluster
from connector.budget import Budget
from connector.cassandra_contract import CassandraContract
from connector.errors import ConnectorError
from connector.run import run
from database import CURSOR, only
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lists import budget
from memory_store import KilledError, MemoryStore
from test_sql import CHANGES, KILLS, at, ids, row

pytestmark = pytest.mark.sources

BOTH = pytest.mark.parametrize("cursor", [CURSOR, INDEXED], ids=["without an index", "by an index"])


def connect(
    table: Cluster, store: MemoryStore, of: CassandraContract | None = None, spend: Budget | None = None
) -> dict[str, Any]:
    of = of or table.contract()
    spend = spend or budget()
    return run(of, table.source(of, spend=spend), store, spend)


@BOTH
def test_a_first_load_stores_every_row_and_an_idle_run_nothing(
    table: Cluster, cursor: dict[str, Any]
) -> None:
    store = MemoryStore()
    of = table.contract(cursor=cursor, limits={"rowsPerPage": 7})
    table.insert([row(number) for number in range(50)])
    assert connect(table, store, of)["stored"] == 50
    entries = dict(store.entries)
    outcome = connect(table, store, of)
    assert (outcome["stored"], outcome["objects"]) == (0, 0)
    assert store.entries == entries
    assert sorted(ids(store)) == list(range(50))


def test_what_is_stored_equals_what_is_counted_at_the_source(table: Cluster) -> None:
    store = MemoryStore()
    for first, last in ((0, 50), (50, 51)):
        table.insert([row(number) for number in range(first, last)])
        connect(table, store)
        state = store.load("all").state
        assert (state.stored, state.counted) == (last, last)


@pytest.mark.parametrize(("cursor", "received"), [(CURSOR, 2_001), (INDEXED, 2)])
def test_an_incremental_load_stores_what_is_new_or_changed(
    table: Cluster, cursor: dict[str, Any], received: int
) -> None:
    store = MemoryStore()
    of = table.contract(cursor=cursor)
    table.insert([row(number) for number in range(2_000)])
    connect(table, store, of)
    table.insert([row(3, 3_000, body="changed"), row(3_001)])
    outcome = connect(table, store, of)
    assert outcome["stored"] == 2
    # By an index, all that is within the overlap: of 2,000 seconds the last 600.
    assert outcome["received"] == (received if cursor is CURSOR else 601 + received)
    assert sorted(ids(store)[-2:]) == [3, 3_001]


@BOTH
def test_a_row_that_comes_late_is_stored_if_it_is_within_the_overlap(
    table: Cluster, cursor: dict[str, Any]
) -> None:
    store = MemoryStore()
    of = table.contract(cursor=cursor)
    table.insert([row(0), row(1, 1_000)])
    connect(table, store, of)
    table.insert([row(2, 401), row(3, 399)])
    assert connect(table, store, of)["stored"] == 1
    assert ids(store)[-1] == 2


@BOTH
def test_rows_that_were_all_changed_in_one_moment_are_stored_once(
    table: Cluster, cursor: dict[str, Any]
) -> None:
    store = MemoryStore()
    of = table.contract(cursor=cursor, limits={"rowsPerPage": 10})
    table.insert([row(number, 5) for number in range(95)])
    assert connect(table, store, of)["stored"] == 95
    table.insert([row(number, 5) for number in range(95, 130)])
    assert connect(table, store, of)["stored"] == 35
    assert sorted(ids(store)) == list(range(130))


def test_rows_without_a_cursor_are_stored_once_where_every_run_reads_all(table: Cluster) -> None:
    store = MemoryStore()
    table.insert([row(1), row(2) | {"updated_at": None}, row(3) | {"updated_at": None}])
    outcome = connect(table, store)
    assert (outcome["stored"], outcome["withoutCursor"]) == (3, 2)
    assert connect(table, store)["stored"] == 0
    table.insert([row(4) | {"updated_at": None}])
    assert connect(table, store)["stored"] == 1


def test_rows_without_a_cursor_are_named_where_an_index_does_not_find_them(table: Cluster) -> None:
    store = MemoryStore()
    table.insert([row(1), row(2) | {"updated_at": None}])
    refused = r'has 1 rows in the table "shop.reviews" without a value in "updated_at", .*all rows are stored'
    with pytest.raises(ConnectorError, match=refused):
        connect(table, store, table.contract(cursor=INDEXED))
    assert sorted(ids(store)) == [1, 2]


def test_a_time_in_the_future_hides_nothing_and_is_stored_once(table: Cluster) -> None:
    store = MemoryStore()
    of = table.contract(cursor=INDEXED)
    table.insert([row(1), row(2, 100 * 365 * 86_400)])
    assert connect(table, store, of)["stored"] == 2
    table.insert([row(3) | {"updated_at": datetime.now(UTC)}])
    assert connect(table, store, of)["stored"] == 1
    assert connect(table, store, of)["stored"] == 0


def test_a_run_whose_pages_are_spent_is_continued_by_the_next_one(table: Cluster) -> None:
    store = MemoryStore()
    table.insert([row(number) for number in range(20)])
    of = table.contract(limits={"rowsPerPage": 3})
    outcomes = [connect(table, store, of, budget(2)) for _ in range(4)]
    assert [outcome["received"] for outcome in outcomes] == [6, 6, 6, 2]
    assert sorted(ids(store)) == list(range(20))


@pytest.mark.parametrize("kept", [b"no place at all", b""])
def test_a_place_that_the_cluster_does_not_know_makes_the_pass_begin_again(
    table: Cluster, kept: bytes
) -> None:
    table.insert([row(number) for number in range(20)])
    of = table.contract(limits={"rowsPerPage": 6})
    [stream] = of.streams
    first = next(table.source(of).pages(stream, None, None))
    assert first.position
    broken = {**first.position, "paging": "bm8gcGxhY2U="} if kept else {**first.position, "query": "other"}
    found = [record["id"] for page in table.source(of).pages(stream, None, broken) for record in page.records]
    assert sorted(found) == list(range(20))


def test_a_place_outlasts_a_new_column(table: Cluster) -> None:
    table.insert([row(number) for number in range(20)])
    of = table.contract(limits={"rowsPerPage": 6})
    first, *_ = table.source(of).pages(only(of), None, None)
    table.do("alter table shop.reviews add more text")
    rest = [
        found for page in table.source(of).pages(only(of), None, first.position) for found in page.records
    ]
    assert sorted(found["id"] for found in [*first.records, *rest]) == list(range(20))
    assert {"more"} < rest[0].keys()


def test_a_number_may_be_the_cursor_however_great(table: Cluster) -> None:
    great = 2**62
    table.do("alter table shop.reviews add version bigint")
    table.do("create index on shop.reviews (version) using 'sai'")
    table.insert([row(number, version=great + number) for number in range(20)])
    cursor = {"column": "version", "form": "number", "overlap": 0, "indexed": True}
    of = table.contract(cursor=cursor)
    store = MemoryStore()
    connect(table, store, of)
    table.insert([row(number, version=great + number) for number in range(20, 25)])
    connect(table, store, of)
    assert sorted(ids(store)) == list(range(25))
    assert connect(table, store, of)["stored"] == 0


def test_columns_that_the_contract_names_are_all_that_is_fetched(table: Cluster) -> None:
    table.do("alter table shop.reviews add email text")
    table.insert([row(1, email="do-not-fetch")])
    assert list(table.read(table.contract(columns=["body"]))[0]) == ["body", "updated_at"]
    assert "email" in table.read(table.contract())[0]


# Of each type: a value as CQL has it, and as it is kept.
VALUES: dict[str, tuple[str, Any]] = {
    "uuid": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "timestamp": ("'2026-01-02 03:04:05.678+0200'", "2026-01-02T01:04:05.678000+00:00"),
    "date": ("'2026-01-02'", "2026-01-02"),
    "time": ("'03:04:05.678901234'", "03:04:05.678901234"),
    "duration": ("1mo2d3h", "1mo2d10800000000000ns"),
    "decimal": ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    "varint": ("123456789012345678901234567890", 123456789012345678901234567890),
    "bigint": ("9223372036854775807", 9223372036854775807),
    "double": ("NaN", "nan"),
    "blob": ("0x00ff", "AP8="),
    "inet": ("'127.0.0.1'", "127.0.0.1"),
    "boolean": ("true", True),
    "text": ("'👍🏽'", "👍🏽"),
    "ascii": ("null", None),
    "set<int>": ("{3, 1}", [1, 3]),
    "list<decimal>": ("[1.0, 2.50]", ["1.0", "2.50"]),
    "map<text, timestamp>": (
        "{'a': '2026-01-02 03:04:05+0000'}",
        {"a": "2026-01-02T03:04:05+00:00"},
    ),
    "map<int, boolean>": ("{7: true}", {"7": True}),
    "frozen<tuple<int, text>>": ("(1, 'a')", [1, "a"]),
    "vector<float, 2>": ("[0.5, 1.5]", [0.5, 1.5]),
    "shop.address": ("{street: 'x', place: {city: 'y'}}", {"street": "x", "place": {"city": "y"}}),
}


def test_values_of_every_kind_are_kept_whole(table: Cluster) -> None:
    table.do("create type if not exists shop.place (city text)")
    table.do("create type if not exists shop.address (street text, place frozen<shop.place>)")
    table.insert([row(1)])
    for number, (kind, (value, _)) in enumerate(VALUES.items()):
        table.do(f"alter table shop.reviews add v{number} {kind}")
        table.do(f"update shop.reviews set v{number} = {value} where id = 1")  # noqa: S608 (made up)
    [record] = table.read(table.contract())
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    kept = {kind: record[f"v{number}"] for number, kind in enumerate(VALUES)}
    assert kept == {kind: expected for kind, (_, expected) in VALUES.items()}


def test_a_time_that_python_has_no_value_for_costs_no_other_row(table: Cluster) -> None:
    table.insert([row(1)])
    table.do("insert into shop.reviews (id, updated_at) values (2, 9223372036854775807)")
    kept = {record["id"]: record["updated_at"] for record in table.read(table.contract())}
    assert kept == {1: at(1).isoformat(), 2: "9223372036854775807"}
    assert connect(table, MemoryStore())["stored"] == 2


def test_a_page_is_smaller_where_rows_are_large(table: Cluster) -> None:
    table.insert([row(number, body="x" * (4 * 1024**2)) for number in range(20)])
    of = table.contract()
    pages = [len(page.records) for page in table.source(of).pages(only(of), None, None)]
    assert max(pages) == 4
    assert sum(pages) == 20


def test_a_page_that_is_too_large_is_asked_for_again_with_fewer_rows(table: Cluster) -> None:
    """The first page has four rows, which nobody knows to be large."""
    table.insert([row(number, body="x" * 9_000_000) for number in range(4)])
    of = table.contract()
    pages = [
        [record["id"] for record in page.records] for page in table.source(of).pages(only(of), None, None)
    ]
    assert max(map(len, pages)) == 1
    assert sorted(itertools.chain(*pages)) == list(range(4))


# Each of more than a megabyte.
PARTS: dict[str, Any] = {
    "frozen<list<text>>": [f"part {number}" for number in range(200_000)],
    "frozen<list<frozen<map<text, int>>>>": [{"a": number} for number in range(100_000)],
    "frozen<map<int, frozen<list<int>>>>": {number: [number] for number in range(100_000)},
    "frozen<set<text>>": {f"{number:06}" for number in range(200_000)},
    "frozen<tuple<int, frozen<list<text>>>>": (7, ["part"] * 200_000),
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_value_of_many_parts_is_kept_whole(table: Cluster, kind: str) -> None:
    value = PARTS[kind]
    table.do(f"alter table shop.reviews add parts {kind}")
    table.insert([row(1, parts=value)])
    store = MemoryStore()
    assert connect(table, store)["stored"] == 1
    [record] = store.rows()
    plain = sorted(value) if isinstance(value, set) else value
    assert record["parts"] == json.loads(json.dumps(plain))
    assert connect(table, store)["stored"] == 0


def test_a_large_value_of_a_type_of_ones_own_is_kept_whole(table: Cluster) -> None:
    table.do("create type if not exists shop.parted (name text, parts frozen<list<text>>, more int)")
    table.do("alter table shop.reviews add parted shop.parted")
    table.insert([row(1, parted=("x", ["part"] * 200_000, 7))])
    store = MemoryStore()
    connect(table, store)
    assert store.rows()[0]["parted"] == {"name": "x", "parts": ["part"] * 200_000, "more": 7}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    batches=st.lists(CHANGES, min_size=1, max_size=3),
    kills=KILLS,
    pages_of_run=st.integers(1, 5),
    cursor=st.sampled_from([CURSOR, INDEXED]),
)
def test_however_runs_are_killed_and_repeated_each_row_is_stored_exactly_once(
    table: Cluster,
    batches: list[list[tuple[int, int]]],
    kills: list[tuple[int, bool] | None],
    pages_of_run: int,
    cursor: dict[str, Any],
) -> None:
    """Rows come and change, with ties; runs end at any write or when time is short; the last is whole."""
    table.do("truncate shop.reviews")
    store = MemoryStore()
    of = table.contract(cursor=cursor, limits={"rowsPerPage": 3})
    source = table.source(of)
    versions: set[tuple[int, str]] = set()
    for batch in batches:
        changed: dict[int, int] = dict(batch)
        if changed:
            table.insert([row(number, second) for number, second in changed.items()])
        for kill in kills:
            store.kill_in, store.performed = kill or (None, False)
            left = itertools.count(pages_of_run, -1)
            with contextlib.suppress(KilledError):
                run(of, source, store, budget(seconds_left=left.__next__))
        store.kill_in = None
        run(of, source, store, budget())
        versions |= {(found["id"], found["updated_at"]) for found in table.read(of)}
    assert sorted(versions) == sorted((found["id"], found["updated_at"]) for found in store.rows())
