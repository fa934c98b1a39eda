"""What is committed is stored in the form of DMS, in its order, and confirmed only then."""
# ruff: noqa: S608 (the tests write their own statements)

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest
from conftest import Bucket, Shop, many
from emulator_process import eventually
from local_dms import full_load, slot
from local_dms.files import Files
from local_dms.stream import Stream


@contextmanager
def streaming(shop: Shop, bucket: Bucket) -> Iterator[Stream]:
    """Reads until the end of the block; raises what ended it earlier."""
    stop = threading.Event()
    stream = Stream(shop.settings, Files(bucket, shop.settings.target))
    ended: list[BaseException] = []

    def run() -> None:
        try:
            stream.run(lambda: not stop.is_set())
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stream
    finally:
        stop.set()
        thread.join(20)
    if ended:
        raise ended[0]


def begin(shop: Shop) -> None:
    """Make the slot."""
    replication = slot.connect_for_replication(shop.settings.source)
    slot.create(replication, shop.settings.name)
    replication.close()


def stored(bucket: Bucket, count: int) -> list[dict[str, Any]]:
    """The changes, once there are so many."""
    eventually(lambda: len(bucket.rows()) >= count)
    rows = bucket.rows()
    assert len(rows) == count
    return rows


def insert(review_id: int, **values: Any) -> str:
    columns = {"review_id": review_id, "product_id": "'L-1'", "stars": 4, **values}
    return f"insert into reviews ({', '.join(columns)}) values ({', '.join(map(str, columns.values()))})"


def test_changes_are_in_the_form_that_dms_writes(shop: Shop) -> None:
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run(insert(1, verified=True, weight="12.50", review="'Ä'"), "delete from reviews")
        inserted, deleted = stored(bucket, 2)
    [key] = bucket.objects
    folder, _, name = key.rpartition("/")
    assert folder == "reviews/shop-database/public/reviews"
    date, time = name.removesuffix(".parquet").split("-")
    assert (len(date), len(time)) == (8, 10)
    [table] = bucket.tables()
    assert table.column_names == [
        "Op",
        *("review_id", "product_id", "stars", "review", "verified", "weight", "created_at"),
        *("dms_change", "dms_committed_at"),
    ]
    assert table.schema.field("created_at").type == pa.timestamp("us")
    assert (inserted["Op"], inserted["review_id"], inserted["stars"], inserted["review"]) == ("I", 1, 4, "Ä")
    # A boolean is a word, and a decimal keeps its digits.
    assert (inserted["verified"], inserted["weight"]) == ("true", "12.50")
    assert f"{inserted['created_at']}" == "2025-03-01 10:00:00"
    assert (deleted["Op"], deleted["review_id"], deleted["review"]) == ("D", 1, "Ä")
    assert len(inserted["dms_change"]) == 35
    assert inserted["dms_change"] < deleted["dms_change"]
    assert inserted["dms_committed_at"] < deleted["dms_committed_at"]


def test_changes_stand_in_the_order_of_their_commits_and_a_rollback_leaves_none(shop: Shop) -> None:
    begin(shop)
    bucket = Bucket()
    other = slot.connect(shop.settings.source)
    shop.run(f"grant insert on reviews to {shop.settings.name}")
    with streaming(shop, bucket), other.cursor() as cursor:
        cursor.execute(insert(1))  # begun first, committed second
        shop.run(insert(2))
        other.commit()
        cursor.execute(insert(3))
        other.rollback()
        shop.run(
            "begin",
            *(f"update reviews set stars = {stars} where review_id = 1" for stars in (1, 2, 3)),
            "commit",
        )
        rows = stored(bucket, 5)
    other.close()
    assert [(row["Op"], row["review_id"], row["stars"]) for row in rows] == [
        ("I", 2, 4),
        ("I", 1, 4),
        ("U", 1, 1),
        ("U", 1, 2),
        ("U", 1, 3),
    ]
    assert len({row["dms_committed_at"] for row in rows[2:]}) == 1
    places = [row["dms_change"] for row in rows]
    assert places == sorted(places)


def test_nothing_is_confirmed_that_is_not_stored(shop: Shop) -> None:
    begin(shop)
    bucket = Bucket(fails=True)
    before = shop.lag().unconfirmed
    with pytest.raises(ConnectionError), streaming(shop, bucket) as stream:
        shop.run(insert(1), insert(2))
        eventually(lambda: bucket.refused)
        assert (stream.changes, shop.lag().unconfirmed > before) == (0, True)
        shop.run(insert(3))
    bucket.fails = False
    with streaming(shop, bucket):
        rows = stored(bucket, 3)
        eventually(lambda: shop.lag().unconfirmed < 200)
    assert [row["review_id"] for row in rows] == [1, 2, 3]


def test_what_was_read_is_stored_when_it_is_told_to_stop(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(max_batch_seconds=3600)
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket) as stream:
        shop.run(insert(1))
        eventually(lambda: stream._rows)
        assert bucket.objects == {}
    assert [row["review_id"] for row in bucket.rows()] == [1]
    with streaming(shop, bucket):
        pass
    assert len(bucket.rows()) == 1


def test_a_file_begins_by_size_where_that_comes_first(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(max_batch_seconds=3600, min_file_kilobytes=10)
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket) as stream:
        for number in range(40):
            shop.run(insert(number, review=f"'{'x' * 1000}'"))
        eventually(lambda: stream.changes + len(stream._rows) == 40)
        assert len(bucket.objects) >= 3
    assert [row["review_id"] for row in bucket.rows()] == list(range(40))


def test_a_transaction_is_not_cut_by_the_size_of_a_file(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(min_file_kilobytes=1)
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run(many(500))
        stored(bucket, 500)
    assert len(bucket.objects) == 1


def test_an_update_keeps_the_large_value_that_the_log_leaves_out(shop: Shop) -> None:
    shop.run(
        "alter table reviews alter review set storage external", insert(1, review="repeat('long', 5000)")
    )
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run("update reviews set stars = 1")
        [row] = stored(bucket, 1)
    assert row["review"] == "long" * 5000


def test_added_dropped_and_retyped_columns_lose_no_row(shop: Shop) -> None:
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run(insert(1), "alter table reviews add column colour text", insert(2, colour="'red'"))
        shop.run("alter table reviews drop column weight", insert(3))
        shop.run(
            "alter table reviews alter column stars type text using stars || ' of 5'", insert(4, stars="'5'")
        )
        rows = stored(bucket, 4)
    assert [row["review_id"] for row in rows] == [1, 2, 3, 4]
    assert ["colour" in row for row in rows] == [False, True, True, True]
    assert ["weight" in row for row in rows] == [True, True, False, False]
    assert [row["stars"] for row in rows] == [4, 4, 4, "5"]


def test_a_time_that_no_calendar_has_is_kept_as_its_text(shop: Shop) -> None:
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run(insert(1, created_at="'infinity'"), insert(2))
        first, second = stored(bucket, 2)
    assert (first["created_at"], second["created_at"]) == ("infinity", "2025-03-01 10:00:00")


def test_a_truncation_stops_it_because_no_file_can_say_it(shop: Shop) -> None:
    begin(shop)
    shop.run(insert(1), "truncate reviews")
    with pytest.raises(slot.ReplicationError, match="reviews was truncated"):
        Stream(shop.settings, Files(Bucket(), shop.settings.target)).run(lambda: True)


def test_a_slot_whose_table_is_idle_moves_on_with_the_others(shop: Shop) -> None:
    shop.run("create table noise (n text)")
    begin(shop)
    bucket = Bucket()
    with streaming(shop, bucket):
        shop.run(insert(1))
        stored(bucket, 1)
        shop.run("insert into noise select repeat('noise', 100) from generate_series(1, 10000)")
        assert shop.lag().unconfirmed > 1_000_000
        eventually(lambda: shop.lag().unconfirmed < 1_000_000, seconds=20)
    assert len(bucket.objects) == 1


def test_the_load_and_the_stream_meet_without_gap_or_double_under_writes(shop: Shop) -> None:
    shop.run(many(5000))
    done = threading.Event()
    writer = slot.connect(shop.settings.source)
    shop.run(f"grant insert, update, delete on reviews to {shop.settings.name}")

    def write() -> None:
        number = 5000
        with writer.cursor() as cursor:
            while not done.is_set():
                number += 1
                cursor.execute(insert(number))
                cursor.execute(
                    "update reviews set stars = 1 + %s %% 5 where review_id = %s", (number, number - 4999)
                )
                cursor.execute("delete from reviews where review_id = %s", (number - 4000,))
                writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    bucket = Bucket()
    files = Files(bucket, shop.settings.target)
    replication = slot.connect_for_replication(shop.settings.source)
    eventually(lambda: shop.ask("select max(review_id) > 5050 from reviews")[0][0])
    snapshot = slot.create(replication, shop.settings.name)
    seen = shop.ask("select max(review_id) from reviews")[0][0]
    eventually(lambda: shop.ask(f"select max(review_id) > {seen + 50} from reviews")[0][0])
    full_load.run(shop.settings, files, snapshot)
    replication.close()
    done.set()
    thread.join()
    writer.close()
    copied = bucket.rows("LOAD")
    table = {row["review_id"]: row["stars"] for row in copied}
    assert len(table) == len(copied)
    expected = shop.ask("select review_id, stars from reviews order by 1")
    with streaming(shop, bucket):
        last = max(row[0] for row in expected)
        eventually(lambda: any(row["review_id"] == last for row in bucket.rows()))
        eventually(lambda: shop.lag().unconfirmed < 200)
    for row in bucket.rows()[len(copied) :]:
        # Each change fits onto what is there: nothing is missing between the two, and nothing is in both.
        assert (row["review_id"] in table) == (row["Op"] != "I")
        if row["Op"] == "D":
            del table[row["review_id"]]
        else:
            table[row["review_id"]] = row["stars"]
    assert sorted(table.items()) == expected
