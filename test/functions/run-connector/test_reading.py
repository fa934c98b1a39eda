"""What a run reads, stores and remembers: the first load, later ones, kills and repetitions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from connector.budget import Budget
from connector.contract import Contract, Stream
from connector.errors import OvertakenError, SourceUnavailableError
from connector.journal import Journal
from connector.page import Page
from connector.reading import Reading
from connector.run import run
from connector.state import Position, State
from hypothesis import given
from hypothesis import strategies as st
from lists import budget, contract, record
from local_sources.service import Record
from memory_store import KilledError, MemoryStore

CURSOR = {"field": ["changed"], "form": "epoch-seconds", "overlap": 5}
PAGE = 3


class Listed:
    """A source in memory: the newest records first, in pages; `between` is called between two of them."""

    def __init__(self, records: list[Record], between: Any = lambda: None) -> None:
        self.records = records
        self.pages_given = 0
        self._between = between

    def pages(self, _stream: Stream, _since: float | None, position: Position | None) -> Iterator[Page]:
        start = position["params"]["start"] if position else 0
        while True:
            listed = sorted(self.records, key=lambda found: found["changed"] or 0, reverse=True)
            page = listed[start : start + PAGE]
            start += PAGE
            more = start < len(listed)
            self.pages_given += 1
            yield Page(page, {"url": "u", "params": {"start": start}} if more else None)
            if not more:
                return
            self._between()

    def count(self, _stream: Stream, _highest: float | None) -> int | None:
        return len(self.records)

    def verify(self, _stream: Stream) -> None:
        """Nothing is wrong with it."""


def connect(
    source: Listed, store: MemoryStore, of: Contract | None = None, spend: Budget | None = None
) -> dict[str, Any]:
    return run(of or contract(cursor=CURSOR), source, store, spend or budget())


def test_a_first_load_stores_everything_and_an_idle_run_nothing() -> None:
    source, store = Listed([record(number) for number in range(20)]), MemoryStore()
    assert connect(source, store)["stored"] == 20
    entries = dict(store.entries)
    outcome = connect(source, store)
    assert (outcome["stored"], outcome["objects"], store.puts) == (0, 0, 1)
    assert store.entries == entries
    assert sorted(row["id"] for row in store.rows()) == sorted(found["id"] for found in source.records)


def test_an_incremental_load_stores_what_is_new_or_changed() -> None:
    source, store = Listed([record(number) for number in range(20)]), MemoryStore()
    connect(source, store)
    source.records[3] = record(3) | {"changed": 30, "text": "changed"}
    source.records.append(record(31))
    assert connect(source, store)["stored"] == 2
    assert [(row["id"], row["changed"]) for row in store.rows()[-2:]] == [("r31", 31), ("r3", 30)]


def test_a_list_that_is_newest_first_is_read_no_further_than_the_overlap() -> None:
    source, store = Listed([record(number) for number in range(300)]), MemoryStore()
    of = contract(cursor=CURSOR | {"order": "newest-first"})
    connect(source, store, of)
    source.pages_given = 0
    connect(source, store, of)
    assert source.pages_given == 3


def test_a_late_record_within_the_overlap_is_stored() -> None:
    source, store = Listed([record(number) for number in (1, 2, 20)]), MemoryStore()
    connect(source, store)
    source.records.append(record(16))
    assert connect(source, store)["stored"] == 1


def test_records_with_one_cursor_value_are_all_stored_though_they_come_in_two_runs() -> None:
    source, store = Listed([record(7, id=f"a{number}") for number in range(4)]), MemoryStore()
    connect(source, store)
    source.records.extend(record(7, id=f"b{number}") for number in range(4))
    assert connect(source, store)["stored"] == 4
    assert len({row["id"] for row in store.rows()}) == 8


def test_records_without_a_cursor_are_stored_once_and_counted() -> None:
    source = Listed([record(1), record(2) | {"changed": None}, record(3) | {"changed": "soon"}])
    source.records.sort(key=lambda found: str(found["changed"]))
    source.pages = lambda *_: iter([Page(source.records, None)])  # type: ignore[method-assign]
    store = MemoryStore()
    first = connect(source, store)
    assert (first["stored"], first["withoutCursor"]) == (3, 2)
    assert connect(source, store)["stored"] == 0


def test_a_time_in_the_future_does_not_hide_what_comes_after_it() -> None:
    source, store = Listed([record(1), record(32_503_680_000)]), MemoryStore()
    connect(source, store)
    watermark = store.load("all").state.watermark
    assert watermark is not None
    assert watermark < 32_503_680_000
    source.records.append(record(int(watermark) + 1))
    assert connect(source, store)["stored"] == 1


def test_a_run_whose_calls_are_spent_is_continued_by_the_next_one() -> None:
    source, store = Listed([record(number) for number in range(20)]), MemoryStore()

    class TwoPages(Budget):
        @property
        def calls_spent(self) -> bool:
            return source.pages_given >= self.pages

        pages = 0

    outcomes = []
    for _ in range(5):
        spend = TwoPages(1, 1, lambda: 60)
        spend.pages = source.pages_given + 2
        outcomes.append(connect(source, store, spend=spend))
    assert [outcome["stored"] for outcome in outcomes] == [6, 6, 6, 2, 0]
    assert len(store.rows()) == 20


def test_a_function_that_runs_out_of_time_names_the_list_to_go_on_with() -> None:
    source, store = Listed([record(number) for number in range(20)]), MemoryStore()
    of = contract(cursor=CURSOR, each={"values": ["a", "b"], "field": "shop"})
    left = iter([60, 60, 0])
    first = connect(source, store, of, budget(seconds_left=lambda: next(left)))
    assert (first["stored"], first["next"]) == (6, 0)
    second = run(of, source, store, budget(), first["next"])
    assert "next" not in second
    assert sorted((row["shop"], row["changed"]) for row in store.rows()) == [
        (shop, number) for shop in "ab" for number in range(20)
    ]


@pytest.mark.parametrize("way", ["page", "offset"])
def test_a_record_that_a_deletion_moves_to_a_page_already_read_is_found(way: str) -> None:
    records = [record(number) for number in range(12)]
    deletions = iter([10])

    def between() -> None:
        gone = next(deletions, None)
        source.records[:] = [found for found in source.records if found["changed"] != gone]

    source, store = Listed(records, between), MemoryStore()
    connect(source, store, contract(way, cursor=CURSOR))
    assert {row["changed"] for row in store.rows()} == set(range(12))
    assert store.puts == 1


def test_a_list_that_moves_all_the_time_moves_no_cursor() -> None:
    late = (record(1, id=f"late{number}") for number in itertools.count())
    records = [record(number) for number in range(12)]
    source, store = Listed(records, lambda: records.append(next(late))), MemoryStore()
    with pytest.raises(SourceUnavailableError, match="changes faster than it can be read"):
        connect(source, store, contract("page", cursor=CURSOR))
    assert store.load("all").state.watermark is None


def test_one_list_that_fails_keeps_no_other_from_being_read() -> None:
    store = MemoryStore()

    class Failing(Listed):
        def pages(self, stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
            if stream.name == "a":
                raise SourceUnavailableError("Connector shop: it fails.")
            return super().pages(stream, since, position)

    of = contract(cursor=CURSOR, each={"values": ["a", "b"], "field": "shop"})
    with pytest.raises(SourceUnavailableError, match="it fails"):
        connect(Failing([record(1)]), store, of)
    assert [row["shop"] for row in store.rows()] == ["b"]


def test_a_run_that_was_overtaken_by_another_stops() -> None:
    store = MemoryStore()
    late = Journal(store, "all", "reviews/")
    connect(Listed([record(1)]), store)
    with pytest.raises(OvertakenError):
        late.commit(State(sequence=1), b"body")
    assert len(store.rows()) == 1


def test_only_the_newest_records_of_a_very_long_list_are_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.state.SEEN_LIMIT", 100)
    source, store = Listed([]), MemoryStore()
    records = [record(1_000, id=f"r{number}") for number in range(150)]
    source.pages = lambda *_: iter([Page(records, None)])  # type: ignore[method-assign]
    connect(source, store)
    assert len(store.load("all").state.seen) == 100
    assert connect(source, store)["stored"] == 50


def test_objects_lie_below_the_source_and_the_connector() -> None:
    store = MemoryStore()
    of = contract(each={"values": ["accounts/1 ü"], "field": "shop"})
    connect(Listed([record(1)]), store, of)
    [key] = store.objects
    assert key.startswith("reviews/native/shop/accounts%2F1%20%C3%BC/00000001-")
    assert key.endswith(".jsonl.gz")


KILLS = st.lists(st.none() | st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=6)


@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 15), st.integers(0, 40)), max_size=8), min_size=1, max_size=4
    ),
    kills=KILLS,
    way=st.sampled_from(["cursor", "page"]),
    pages_of_run=st.integers(1, 5),
)
def test_however_runs_are_killed_and_repeated_each_record_is_stored_exactly_once(
    batches: list[list[tuple[int, int]]], kills: list[tuple[int, bool] | None], way: str, pages_of_run: int
) -> None:
    """Records come and change, runs end at any write or when time is short; at the end one is whole."""
    source, store = Listed([]), MemoryStore()
    of = contract(way, cursor=CURSOR | {"overlap": 1_000})
    versions: set[tuple[str, int]] = set()
    for batch in batches:
        for number, changed in batch:
            source.records = [found for found in source.records if found["id"] != f"r{number}"]
            source.records.append(record(changed, id=f"r{number}"))
        for kill in kills:
            store.kill_in, store.performed = kill or (None, False)
            left = itertools.count(pages_of_run, -1) if way == "cursor" else itertools.repeat(60)
            try:
                connect(source, store, of, budget(seconds_left=left.__next__))
            except KilledError:
                continue
        store.kill_in = None
        while store.load("all").state.position is not None or connect(source, store, of)["stored"]:
            connect(source, store, of)
        versions |= {(found["id"], found["changed"]) for found in source.records}
    rows = [(row["id"], row["changed"]) for row in store.rows()]
    assert versions <= set(rows)
    assert len(rows) == len(set(rows))


def test_a_reading_says_whether_it_came_to_the_end() -> None:
    of = contract(cursor=CURSOR)
    reading = Reading(of, of.streams[0], Journal(MemoryStore(), "all", "p/"), budget())
    assert reading.read(Listed([record(1)]))
