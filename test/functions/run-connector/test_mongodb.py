"""Documents of a server that speaks MongoDB's protocol: the first load, later ones, kills and repetitions."""

from __future__ import annotations

import contextlib
import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, ObjectId
from connector.budget import Budget
from connector.errors import ConnectorError
from connector.mongodb_contract import MongodbContract
from connector.run import run
from documents import CURSOR, Documents, at, review
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lists import budget
from local_sources.service import Record
from memory_store import KilledError, MemoryStore

pytestmark = pytest.mark.sources


def connect(
    documents: Documents,
    store: MemoryStore,
    of: MongodbContract | None = None,
    spend: Budget | None = None,
) -> dict[str, Any]:
    of = of or documents.contract()
    spend = spend or budget()
    return run(of, documents.source(of, spend=spend), store, spend)


def ids(store: MemoryStore) -> list[int]:
    return [record["_id"] for record in store.rows()]


def test_a_first_load_stores_every_document_and_an_idle_run_nothing(documents: Documents) -> None:
    store = MemoryStore()
    of = documents.contract(limits={"documentsPerPage": 7})
    documents.reviews.insert_many([review(number) for number in range(50)])
    assert connect(documents, store, of)["stored"] == 50
    entries = dict(store.entries)
    outcome = connect(documents, store, of)
    assert (outcome["stored"], outcome["objects"]) == (0, 0)
    assert store.entries == entries
    assert sorted(ids(store)) == list(range(50))


def test_what_is_stored_equals_what_is_counted_at_the_source(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(number) for number in range(50)])
    connect(documents, store)
    state = store.load("all").state
    assert (state.stored, state.counted) == (50, 50)
    documents.reviews.insert_one(review(50))
    connect(documents, store)
    state = store.load("all").state
    assert (state.stored, state.counted) == (51, 51)


def test_an_incremental_load_stores_what_is_new_or_changed(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(number) for number in range(2_000)])
    connect(documents, store)
    documents.reviews.update_one({"_id": 3}, {"$set": {"body": "changed", "updated_at": at(3_000)}})
    documents.reviews.insert_one(review(3_001))
    outcome = connect(documents, store)
    assert outcome["stored"] == 2
    # It looks again only at what is within the overlap.
    assert outcome["received"] < 1_000
    assert ids(store)[-2:] == [3, 3_001]


def test_a_document_that_arrives_late_is_stored_if_it_is_within_the_overlap(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(0), review(1, 1_000)])
    connect(documents, store)
    documents.reviews.insert_many([review(2, 401), review(3, 399)])
    assert connect(documents, store)["stored"] == 1
    assert ids(store)[-1] == 2


def test_documents_that_were_all_changed_in_one_moment_are_stored_once(documents: Documents) -> None:
    store = MemoryStore()
    of = documents.contract(limits={"documentsPerPage": 10})
    documents.reviews.insert_many([review(number, 5) for number in range(95)])
    assert connect(documents, store, of)["stored"] == 95
    documents.reviews.insert_many([review(number, 5) for number in range(95, 130)])
    assert connect(documents, store, of)["stored"] == 35
    assert sorted(ids(store)) == list(range(130))


def test_documents_of_one_moment_whose_ids_are_of_several_types_are_all_stored(documents: Documents) -> None:
    """A comparison finds only values of its own type, while a sort puts all types one after the other."""
    ids_ = [1, "a", {"a": 1}, Binary(b"1"), ObjectId("6" * 24), True, at(0), 2, "b"]
    documents.reviews.insert_many([review(0, 5, _id=_id) for _id in ids_])
    for size in (1, 2, 3):
        store = MemoryStore()
        connect(documents, store, documents.contract(limits={"documentsPerPage": size}))
        assert len(store.rows()) == len(ids_)


# What is no date: a run that goes by dates cannot find it.
UNDATED: list[dict[str, Any]] = [
    {"_id": 100, "updated_at": None},
    {"_id": 101},
    {"_id": 102, "updated_at": "2026-01-01T00:00:00Z"},
    {"_id": 103, "updated_at": 1_767_225_600},
    {"_id": 104, "updated_at": [at(1)]},
]


def test_documents_without_a_date_are_refused_once_all_others_are_stored(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(1), *UNDATED])
    refused = r'has 5 documents in the collection "reviews" without a date in "updated_at", .* are stored'
    for _ in range(2):
        with pytest.raises(ConnectorError, match=refused):
            connect(documents, store)
        assert ids(store) == [1]


def test_documents_without_a_date_are_loaded_once_and_counted_if_the_contract_says_so(
    documents: Documents,
) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(1), review(2), *UNDATED])
    of = documents.contract(cursor=CURSOR | {"nulls": "load"}, limits={"documentsPerPage": 2})
    assert connect(documents, store, of)["stored"] == 7
    assert store.load("all").state.counted == 7
    assert connect(documents, store, of)["stored"] == 0
    documents.reviews.update_one({"_id": 100}, {"$set": {"updated_at": at(100)}})
    assert connect(documents, store, of)["stored"] == 1


def test_a_time_in_the_future_hides_nothing_and_is_stored_once(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(1), review(2, 100 * 365 * 86_400)])
    assert connect(documents, store)["stored"] == 2
    documents.reviews.insert_one(review(3) | {"updated_at": datetime.now(UTC)})
    assert connect(documents, store)["stored"] == 1
    assert connect(documents, store)["stored"] == 0


def test_a_run_whose_queries_are_spent_is_continued_by_the_next_one(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([review(number) for number in range(50)])
    of = documents.contract(limits={"documentsPerPage": 9})
    outcomes = [connect(documents, store, of, budget(2)) for _ in range(4)]
    assert [outcome["callsSpent"] for outcome in outcomes[:2]] == [True, True]
    assert [outcome["stored"] for outcome in outcomes] == [19, 18, 13, 0]
    assert sorted(ids(store)) == list(range(50))


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("number", [2**62 + number for number in range(25)]),
        ("number", [number / 2 for number in range(25)]),
        ("epoch-seconds", [1_767_225_600 + number for number in range(25)]),
        ("epoch-milliseconds", [1_767_225_600_123 + number for number in range(25)]),
    ],
)
def test_a_number_may_be_the_cursor(documents: Documents, form: str, values: list[float]) -> None:
    reviews = [review(number, version=value) for number, value in enumerate(values)]
    cursor = {"field": "version", "form": form, "overlap": 0}
    of = documents.contract(cursor=cursor, limits={"documentsPerPage": 3})
    store = MemoryStore()
    documents.reviews.insert_many(reviews[:20])
    connect(documents, store, of)
    documents.reviews.insert_many(reviews[20:])
    connect(documents, store, of)
    assert sorted(ids(store)) == list(range(25))
    assert connect(documents, store, of)["stored"] == 0


def test_the_cursor_may_lie_within_a_part_of_the_document(documents: Documents) -> None:
    store = MemoryStore()
    documents.reviews.insert_many([{"_id": number, "meta": {"changed": at(number)}} for number in range(9)])
    cursor = {"field": "meta.changed", "form": "iso"}
    for fields in ([], ["body"], ["meta"], ["meta.changed"]):
        of = documents.contract(
            cursor=cursor, limits={"documentsPerPage": 2}, **({"fields": fields} if fields else {})
        )
        store = MemoryStore()
        assert connect(documents, store, of)["stored"] == 9


def test_fields_that_the_contract_names_are_all_that_is_fetched(documents: Documents) -> None:
    documents.reviews.insert_one(review(1, email="do-not-fetch", product={"id": "p", "cost": 3}))
    [record] = documents.read(documents.contract(fields=["body", "product.id"]))
    assert record == {
        "_id": 1,
        "body": "review 1",
        "product": {"id": "p"},
        "updated_at": "2026-01-01T00:00:01+00:00",
    }
    assert "email" in documents.read(documents.contract())[0]


def test_a_filter_chooses_what_is_fetched_counted_and_missed(documents: Documents) -> None:
    shop, other = ObjectId(), ObjectId()
    documents.reviews.insert_many([review(number, shop=shop if number % 2 else other) for number in range(9)])
    documents.reviews.insert_one(review(9, shop=other) | {"updated_at": None})
    store = MemoryStore()
    of = documents.contract(
        filter={"shop": {"$oid": str(shop)}, "updated_at": {"$gte": {"$date": "2026-01-01T00:00:02Z"}}}
    )
    assert connect(documents, store, of)["stored"] == 3
    assert ids(store) == [3, 5, 7]
    assert store.load("all").state.counted == 3


def test_a_page_ends_early_where_documents_are_large(documents: Documents) -> None:
    for number in range(3):
        documents.reviews.insert_one(review(number, body="x" * 12 * 1024**2))
    of = documents.contract()
    [stream] = of.streams
    pages = documents.source(of).pages(stream, None, None)
    assert [[record["_id"] for record in page.records] for page in pages] == [[0, 1], [1, 2], [2]]
    store = MemoryStore()
    assert connect(documents, store, of)["stored"] == 3
    assert [len(record["body"]) for record in store.rows()] == [12 * 1024**2] * 3


def test_an_empty_collection_is_no_error_and_one_that_is_not_there_is(documents: Documents) -> None:
    assert connect(documents, MemoryStore())["stored"] == 0
    refused = r'does not have the collection "review"; see whether "collection", and "dbname" in the secret'
    with pytest.raises(ConnectorError, match=refused):
        connect(documents, MemoryStore(), documents.contract(collection="review"))


CHANGES = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 40)), max_size=8)
KILLS = st.lists(st.none() | st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(CHANGES, min_size=1, max_size=3), kills=KILLS, pages_of_run=st.integers(1, 5))
def test_however_runs_are_killed_and_repeated_each_document_is_stored_exactly_once(
    documents: Documents,
    batches: list[list[tuple[int, int]]],
    kills: list[tuple[int, bool] | None],
    pages_of_run: int,
) -> None:
    """They come and change, with ties; runs end at any write or when time is short; the last is whole."""
    documents.reviews.delete_many({})
    store = MemoryStore()
    of = documents.contract(limits={"documentsPerPage": 3})
    source = documents.source(of)
    [stream] = of.streams
    versions: set[tuple[int, str]] = set()
    for batch in batches:
        for number, second in dict(batch).items():
            documents.reviews.replace_one({"_id": number}, review(number, second), upsert=True)
        for kill in kills:
            store.kill_in, store.performed = kill or (None, False)
            left = itertools.count(pages_of_run, -1)
            with contextlib.suppress(KilledError):
                run(of, source, store, budget(seconds_left=left.__next__))
        store.kill_in = None
        run(of, source, store, budget())
        versions |= {_version(found) for page in source.pages(stream, None, None) for found in page.records}
    assert sorted(versions) == sorted(map(_version, store.rows()))


def _version(record: Record) -> tuple[int, str]:
    return record["_id"], record["updated_at"]
