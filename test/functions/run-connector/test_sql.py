"""Rows of a real database: the first load, later ones, kills and repetitions, and values of every kind."""

from __future__ import annotations

import contextlib
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from connector.budget import Budget
from connector.errors import ConnectorError
from connector.run import run
from connector.sql_contract import SqlContract
from database import CURSOR, Database, only
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lists import budget
from local_sources.service import Record
from memory_store import KilledError, MemoryStore

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def row(number: int, second: float | None = None, **more: Any) -> dict[str, Any]:
    """Row `number`, changed in second `number`, or in another one."""
    return {
        "id": number,
        "body": f"review {number}",
        "updated_at": at(number if second is None else second),
    } | more


def connect(
    database: Database, store: MemoryStore, of: SqlContract | None = None, spend: Budget | None = None
) -> dict[str, Any]:
    of = of or database.contract()
    spend = spend or budget()
    return run(of, database.source(of, spend=spend), store, spend)


def ids(store: MemoryStore) -> list[int]:
    return [record["id"] for record in store.rows()]


def test_a_first_load_stores_every_row_and_an_idle_run_nothing(database: Database) -> None:
    store = MemoryStore()
    of = database.contract(limits={"rowsPerPage": 7})
    database.insert([row(number) for number in range(50)])
    assert connect(database, store, of)["stored"] == 50
    entries = dict(store.entries)
    outcome = connect(database, store, of)
    assert (outcome["stored"], outcome["objects"]) == (0, 0)
    assert store.entries == entries
    assert sorted(ids(store)) == list(range(50))


def test_what_is_stored_equals_what_is_counted_at_the_source(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(number) for number in range(50)])
    connect(database, store)
    state = store.load("all").state
    assert (state.stored, state.counted) == (50, 50)
    database.insert([row(50)])
    connect(database, store)
    state = store.load("all").state
    assert (state.stored, state.counted) == (51, 51)


def test_an_incremental_load_stores_what_is_new_or_changed(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(number) for number in range(2_000)])
    connect(database, store)
    database.do("update reviews set body = 'changed', updated_at = :now where id = 3", now=at(3_000))
    database.insert([row(3_001)])
    outcome = connect(database, store)
    assert outcome["stored"] == 2
    # It looks again only at what is within the overlap.
    assert outcome["received"] < 1_000
    assert ids(store)[-2:] == [3, 3_001]


def test_a_row_that_is_committed_late_is_stored_if_it_is_within_the_overlap(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(0), row(1, 1_000)])
    connect(database, store)
    database.insert([row(2, 401), row(3, 399)])
    assert connect(database, store)["stored"] == 1
    assert ids(store)[-1] == 2


def test_rows_that_were_all_changed_in_one_moment_are_stored_once(database: Database) -> None:
    store = MemoryStore()
    of = database.contract(limits={"rowsPerPage": 10})
    database.insert([row(number, 5) for number in range(95)])
    assert connect(database, store, of)["stored"] == 95
    database.insert([row(number, 5) for number in range(95, 130)])
    assert connect(database, store, of)["stored"] == 35
    assert sorted(ids(store)) == list(range(130))


def test_rows_that_no_key_tells_apart_are_all_stored(database: Database) -> None:
    database.insert([row(number, number // 4) for number in range(60)])
    of = database.contract(key=[], limits={"rowsPerPage": 5})
    store = MemoryStore()
    connect(database, store, of)
    assert sorted(ids(store)) == list(range(60))


def test_rows_that_no_key_tells_apart_are_refused_where_a_page_cannot_hold_them(database: Database) -> None:
    database.insert([row(number, 5) for number in range(7)])
    of = database.contract(key=[], limits={"rowsPerPage": 5})
    with pytest.raises(
        ConnectorError, match=r'more than 5 rows in the table "reviews" that are alike .*; name a "key"'
    ):
        database.read(of)


def test_rows_without_a_cursor_are_refused_once_all_others_are_stored(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(1), row(2) | {"updated_at": None}, row(3) | {"updated_at": None}])
    refused = r'has 2 rows in the table "reviews" without a value in "updated_at", .*all others are stored'
    for _ in range(2):
        with pytest.raises(ConnectorError, match=refused):
            connect(database, store)
        assert ids(store) == [1]


def test_rows_without_a_cursor_are_loaded_once_and_counted_if_the_contract_says_so(
    database: Database,
) -> None:
    store = MemoryStore()
    undated = [row(number) | {"updated_at": None} for number in range(10, 30)]
    database.insert([row(1), row(2), *undated])
    of = database.contract(cursor=CURSOR | {"nulls": "load"}, limits={"rowsPerPage": 4})
    outcome = connect(database, store, of)
    assert (outcome["stored"], store.load("all").state.counted) == (22, 22)
    assert outcome["withoutCursor"] >= 20
    assert connect(database, store, of)["stored"] == 0
    database.do("update reviews set updated_at = :now where id = 10", now=at(100))
    assert connect(database, store, of)["stored"] == 1


def test_a_time_in_the_future_hides_nothing_and_is_stored_once(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(1), row(2, 100 * 365 * 86_400)])
    assert connect(database, store)["stored"] == 2
    now = datetime.now(UTC)
    database.insert([row(3) | {"updated_at": now}])
    assert connect(database, store)["stored"] == 1
    assert connect(database, store)["stored"] == 0


def test_a_run_whose_queries_are_spent_is_continued_by_the_next_one(database: Database) -> None:
    store = MemoryStore()
    database.insert([row(number) for number in range(50)])
    of = database.contract(limits={"rowsPerPage": 9})
    outcomes = [connect(database, store, of, budget(2)) for _ in range(4)]
    assert [outcome["callsSpent"] for outcome in outcomes[:2]] == [True, True]
    assert [outcome["stored"] for outcome in outcomes] == [19, 18, 13, 0]
    assert sorted(ids(store)) == list(range(50))


def test_a_number_may_be_the_cursor_however_great(database: Database) -> None:
    great = 2**62
    database.do("alter table reviews add version bigint not null default 0")
    database.insert([row(number, version=great + number) for number in range(20)])
    of = database.contract(
        cursor={"column": "version", "form": "number", "overlap": 0}, limits={"rowsPerPage": 3}
    )
    store = MemoryStore()
    connect(database, store, of)
    database.insert([row(number, version=great + number) for number in range(20, 25)])
    connect(database, store, of)
    assert sorted(ids(store)) == list(range(25))
    assert connect(database, store, of)["stored"] == 0


def test_a_query_may_stand_in_place_of_a_table(database: Database) -> None:
    database.do("create table shops (name text)")
    database.do("insert into shops values (:name)", name="100% :ours")
    database.insert([row(number) for number in range(9)])
    shop = "s.name::text" if database.engine == "postgresql" else "s.name"
    query = f"select r.*, {shop} as shop from reviews r, shops s where s.name like '100% :our%'"  # noqa: S608
    of = database.contract(
        rows={"query": query, "columns": ["id", "body", "shop", "updated_at"]}, limits={"rowsPerPage": 2}
    )
    records = database.read(of)
    database.do("drop table shops")
    assert {record["shop"] for record in records} == {"100% :ours"}
    assert {record["id"] for record in records} == set(range(9))


def test_text_that_is_json_becomes_a_part_of_the_record_where_the_contract_says_so(
    database: Database,
) -> None:
    texts = ['{"product_id": "p"}', "[1, 2]", "{", None]
    database.insert([row(number, body=body) for number, body in enumerate(texts)])
    bodies = [record["body"] for record in database.read(database.contract(json=["body", "other"]))]
    assert bodies == [{"product_id": "p"}, [1, 2], "{", None]
    assert [record["body"] for record in database.read(database.contract())] == texts


def test_columns_that_the_contract_names_are_all_that_is_fetched(database: Database) -> None:
    database.do("alter table reviews add email varchar(40) default 'do-not-fetch'")
    database.insert([row(1)])
    assert list(database.read(database.contract(rows={"table": "reviews", "columns": ["body"]}))[0]) == [
        "body",
        "updated_at",
        "id",
    ]
    assert "email" in database.read(database.contract())[0]


# Of each engine: a column's definition, a value, and the value as it is kept.
VALUES: dict[str, dict[str, tuple[str | None, Any]]] = {
    "postgresql": {
        "exact numeric": ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        "not_a_number numeric": ("NaN", "NaN"),
        "endless double precision": ("Infinity", "inf"),
        "great bigint": ("9223372036854775807", 9223372036854775807),
        "naive timestamp": ("2026-01-02 03:04:05.678901", "2026-01-02T03:04:05.678901+00:00"),
        "zoned timestamptz": ("2026-01-02 03:04:05+02", "2026-01-02T01:04:05+00:00"),
        "for_ever timestamptz": ("infinity", "infinity"),
        "old date": ("0044-03-15 BC", "0044-03-15 BC"),
        "day date": ("2026-01-02", "2026-01-02"),
        "span interval": ("1 day 02:00", "1 day, 2:00:00"),
        "bytes bytea": (r"\x00ff", "AP8="),
        "document jsonb": ('{"a": [1, null, "ü"]}', {"a": [1, None, "ü"]}),
        "list text[]": ("{a,NULL}", ["a", None]),
        "name uuid": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",) * 2,
        "yes boolean": ("true", True),
        "nothing text": (None, None),
    },
    "mysql": {
        "exact decimal(40, 9)": ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        "great bigint unsigned": ("18446744073709551615", 18446744073709551615),
        "approximate double": ("0.1", 0.1),
        "naive datetime(6)": ("2026-01-02 03:04:05.678901", "2026-01-02T03:04:05.678901+00:00"),
        "zoned timestamp(6) null": ("2026-01-02 03:04:05.678901", "2026-01-02T03:04:05.678901+00:00"),
        "zero date": ("0000-00-00", "0000-00-00"),
        "day date": ("2026-01-02", "2026-01-02"),
        "span time": ("26:00:00", "1 day, 2:00:00"),
        "bytes varbinary(4)": ("\x00\x7f", "AH8="),
        "flags bit(8)": ("\x05", "BQ=="),
        "document json": ('{"a": [1, null, "ü"]}', '{"a": [1, null, "ü"]}'),
        "kind enum('new', 'old')": ("old", "old"),
        "made year": ("2026", 2026),
        "yes boolean": ("1", 1),
        "face varchar(4)": ("👍🏽", "👍🏽"),
        "nothing text": (None, None),
    },
}


def test_values_of_every_kind_are_kept_whole(database: Database) -> None:
    columns = VALUES[database.engine]
    database.insert([row(1)])
    for definition, (value, _) in columns.items():
        name, kind = definition.split(" ", 1)
        database.do(f"alter table reviews add {name} {kind}")
        given = f"cast(:value as {kind})" if database.engine == "postgresql" else ":value"
        database.do(f"update reviews set {name} = {given}", value=value)  # noqa: S608 (made up)
    [record] = database.read(database.contract())
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    expected = {definition.split(" ")[0]: value for definition, (_, value) in columns.items()}
    assert {name: record[name] for name in expected} == expected


def test_a_page_ends_early_where_rows_are_large(database: Database) -> None:
    database.insert([row(number) for number in range(3)])
    database.do("update reviews set body = repeat('x', 20 * 1024 * 1024)")
    of = database.contract()
    pages = list(database.source(of).pages(only(of), None, None))
    assert [record["id"] for page in pages for record in page.records] == [0, 0, 1, 1, 2, 2]
    store = MemoryStore()
    assert connect(database, store, of)["stored"] == 3
    assert [len(record["body"]) for record in store.rows()] == [20 * 1024**2] * 3


@pytest.mark.parametrize("size", [10, 200_000])
def test_json_is_kept_whole_however_large(database: Database, size: int) -> None:
    parts = [{"a": number, "text": "é\n"} for number in range(size)]
    kind = {"postgresql": "json", "mysql": "longtext"}[database.engine]
    database.do(f"alter table reviews add parts {kind}")
    indented = json.dumps(parts, indent=1, ensure_ascii=False)
    database.insert([row(1, parts=indented), row(2, parts="null")])
    store = MemoryStore()
    of = database.contract(json=["parts"])
    assert connect(database, store, of)["stored"] == 2
    assert [record["parts"] for record in store.rows()] == [parts, None]
    assert connect(database, store, of)["stored"] == 0


def test_a_large_text_that_is_no_json_stays_a_text(database: Database) -> None:
    text = '[NaN, "' + "x" * 2_000_000 + '"]'
    database.insert([row(1, body=text)])
    store = MemoryStore()
    connect(database, store, database.contract(json=["body"]))
    assert store.rows()[0]["body"] == text


def test_a_connector_can_change_nothing(database: Database) -> None:
    of = database.contract(rows={"query": "delete from reviews returning *", "columns": ["id", "updated_at"]})
    database.insert([row(1)])
    with pytest.raises(ConnectorError):
        database.read(of)
    assert len(database.read(database.contract())) == 1


CHANGES = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 40)), max_size=8)
KILLS = st.lists(st.none() | st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(CHANGES, min_size=1, max_size=3), kills=KILLS, pages_of_run=st.integers(1, 5))
def test_however_runs_are_killed_and_repeated_each_row_is_stored_exactly_once(
    database: Database,
    batches: list[list[tuple[int, int]]],
    kills: list[tuple[int, bool] | None],
    pages_of_run: int,
) -> None:
    """Rows come and change, with ties; runs end at any write or when time is short; the last is whole."""
    database.do("truncate reviews")
    store = MemoryStore()
    of = database.contract(limits={"rowsPerPage": 3})
    source = database.source(of)
    versions: set[tuple[int, str]] = set()
    for batch in batches:
        changed: dict[int, int] = dict(batch)
        if changed:
            database.do(f"delete from reviews where id in ({', '.join(map(str, changed))})")  # noqa: S608
            database.insert([row(number, second) for number, second in changed.items()])
        for kill in kills:
            store.kill_in, store.performed = kill or (None, False)
            left = itertools.count(pages_of_run, -1)
            with contextlib.suppress(KilledError):
                run(of, source, store, budget(seconds_left=left.__next__))
        store.kill_in = None
        run(of, source, store, budget())
        versions |= {_version(found) for page in source.pages(only(of), None, None) for found in page.records}
    assert sorted(versions) == sorted(map(_version, store.rows()))


def _version(record: Record) -> tuple[int, str]:
    return record["id"], record["updated_at"]
