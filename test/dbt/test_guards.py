"""What keeps wrong figures out of presentation, and what an incremental run leaves alone; after the story."""
# ruff: noqa: S608 (statements on the tests' own tables)

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import story
from moments import BUILD, EVENT, INCREMENTAL, PRESENTATION
from parquet import contract, published_tables
from published import Batch, File, Rejection, Review, at
from warehouse import Warehouse

LATER = Batch(at(25), [File("later.json", [Review("later", "p2", "u2", 1.0, at(6))])])
DAMAGED = Batch(at(26, 13), [File("damaged.json", [Review("damaged", "damaged", "u3", 2.0, at(7))])])
BESIDE = Batch(at(26, 14), [File("beside.json", [Review("beside", "beside", "u3", 2.0, at(7))])])
LATE_AND_WHOLE = Batch(at(13), [File("whole.json", [Review("whole", "whole", "u1", 5.0, at(4))])])
_CHANGED = replace(story.REVIEWS[20], rating=5.0, updated_at=at(21))
WRONG = Batch(at(27), [File("wrong.json", [_CHANGED])])
RIGHT = Batch(at(27, 13), [File("wrong.json", rejections=[Rejection()], attempt=2)], replaces=WRONG.batch_id)
PARTLY_SEEN = Batch(at(26), [File("partly.json", [Review("partly", "p9", "u3", 2.0, at(7))])])

SUMMARY = ("run", "--select", "core", "product_summary")
"""Core, and the mart by which the tests see what reaches presentation."""


def ingest_dates(keys: set[str]) -> set[str]:
    return {key.split("ingest_date=")[1].split("/")[0] for key in keys}


def test_unit_tests_of_the_models_pass(warehouse: Warehouse) -> None:
    run = warehouse.succeed("test", "--select", "test_type:unit")
    assert len(run.with_status("pass")) >= len(PRESENTATION)


def test_a_user_whose_clock_is_not_utc_is_stopped_before_anything_is_built(warehouse: Warehouse) -> None:
    role = warehouse.connect_environment["SNOWFLAKE_ROLE"]
    warehouse.execute("create user indian timezone = 'Asia/Kolkata'")
    warehouse.execute(f"grant role {role} to user indian")
    indian = replace(
        warehouse, connect_environment={**warehouse.connect_environment, "SNOWFLAKE_USER": "indian"}
    )
    run = indian.dbt("build")
    assert not run.succeeded
    assert "The session of the user INDIAN is 330 minutes off UTC" in run.output
    assert "alter user INDIAN set timezone = 'UTC'" in run.output
    assert not run.statuses
    warehouse.execute("alter user indian set timezone = 'UTC'")
    indian.succeed("compile", "--select", "product_summary")


def test_documentation_shows_sources_and_lineage(warehouse: Warehouse) -> None:
    warehouse.succeed("docs", "generate", "--no-compile")
    target = warehouse.folder / "target"
    catalog = json.loads((target / "catalog.json").read_text())
    for table in published_tables():
        columns = {name.lower() for name in catalog["sources"][f"source.reviews.raw.{table}"]["columns"]}
        assert {column["name"] for column in contract(table)["columns"]} <= columns
    parents = json.loads((target / "manifest.json").read_text())["parent_map"]
    assert parents["exposure.reviews.source_quality"] == [
        "model.reviews.file_audit",
        "model.reviews.mart_freshness",
        "model.reviews.source_quality_daily",
    ]


def test_freshness_is_that_of_the_newest_rows(warehouse: Warehouse) -> None:
    """The story is of 2024: by now the sources are stale, and those that may stay silent are not asked."""
    run = warehouse.dbt("source", "freshness")
    assert not run.succeeded
    results = json.loads((warehouse.folder / "target" / "sources.json").read_text())["results"]
    assert {result["unique_id"].rpartition(".")[2] for result in results} == {
        "reviews",
        "products",
        "reviewers",
        "file_events",
    }


def test_an_incremental_run_reads_the_newest_partitions_only(warehouse: Warehouse) -> None:
    warehouse.publish(LATER)
    warehouse.forget_files_read()
    warehouse.succeed("run", "--select", "core")
    for table in ("reviews", "products", "reviewers", "file_events"):
        # The newest ingest date loaded was the 20th, less two days of looking back.
        assert ingest_dates(warehouse.files_read(table)) == {"2024-11-20", "2024-11-25"}, table


def test_a_batch_that_is_seen_in_part_counts_when_it_is_seen_whole(warehouse: Warehouse) -> None:
    """Snowflake refreshes each external table by notifications of its own: here its products come last."""
    objects = PARTLY_SEEN.objects()
    products = {key: content for key, content in objects.items() if "/products/" in key}
    warehouse.succeed(*SUMMARY)
    before = warehouse.table("presentation.product_summary")
    warehouse.put({key: content for key, content in objects.items() if key not in products})
    # Not yet old enough for the tests to miss anything.
    warehouse.succeed(*EVENT, variables={"visibility_minutes": 100 * 365 * 24 * 60})
    seen_in_part = warehouse.table("presentation.product_summary")

    warehouse.put(products)
    warehouse.succeed(*SUMMARY)

    assert seen_in_part == before
    (new,) = [row for row in warehouse.table("presentation.product_summary") if row["product_id"] == "p9"]
    assert new["review_count"] == 1


def status_of(warehouse: Warehouse, batch: Batch) -> str:
    (row,) = [row for row in warehouse.table("core.dim_batches") if row["batch_id"] == batch.batch_id]
    return str(row["status"])


def reviewed(warehouse: Warehouse) -> dict[str, int]:
    """Reviews of each product in presentation."""
    return {row["product_id"]: row["review_count"] for row in warehouse.table("presentation.product_summary")}


def test_a_batch_with_a_file_that_cannot_be_scanned_waits_alone_until_it_is_whole(
    warehouse: Warehouse,
) -> None:
    """Snowflake skips such a file silently; the rest of the batch and all other batches show."""
    before = reviewed(warehouse)
    objects = DAMAGED.objects()
    reviews = {key: content for key, content in objects.items() if "/reviews/" in key}
    warehouse.put({**objects, **{key: content[:-20] for key, content in reviews.items()}})
    warehouse.publish(BESIDE)

    run = warehouse.succeed(*EVENT)

    assert run.with_status("warn") == {"no_batch_is_late"}
    assert (status_of(warehouse, DAMAGED), status_of(warehouse, BESIDE)) == ("LATE", "RECORDED")
    assert reviewed(warehouse) == {**before, "beside": 1}

    warehouse.put(reviews)
    warehouse.succeed(*SUMMARY)

    assert status_of(warehouse, DAMAGED) == "RECORDED"
    assert reviewed(warehouse) == {**before, "beside": 1, "damaged": 1}


def test_events_that_come_late_hold_up_their_batch_only(warehouse: Warehouse) -> None:
    """A batch that became visible when no run looks at its ingest date: first without its reviews."""
    objects = story.FORGOTTEN.objects()
    reviews = {key: content for key, content in objects.items() if "/reviews/" in key}
    before = reviewed(warehouse)
    warehouse.put({key: content for key, content in objects.items() if key not in reviews})

    run = warehouse.succeed(*EVENT)

    assert run.with_status("warn") == {"no_batch_is_late"}
    assert status_of(warehouse, story.FORGOTTEN) == "LATE"
    assert reviewed(warehouse) == before

    warehouse.put(reviews)
    warehouse.succeed(*SUMMARY)

    assert status_of(warehouse, story.FORGOTTEN) == "RECORDED"
    assert reviewed(warehouse) == {**before, "p1": before["p1"] + 1}


def test_a_batch_that_comes_late_and_whole_counts_at_once(warehouse: Warehouse) -> None:
    before = reviewed(warehouse)
    warehouse.publish(LATE_AND_WHOLE)
    warehouse.succeed(*SUMMARY)
    assert reviewed(warehouse) == {**before, "whole": 1}


def test_a_failing_test_fails_the_build_and_leaves_presentation_as_it_was(warehouse: Warehouse) -> None:
    """Events that core has lost, of a day that no run looks at; a test of core against raw tells."""
    before = {name: warehouse.table(f"presentation.{name}") for name in PRESENTATION}
    lost = f"where batch_id = '{story.FORGOTTEN.batch_id}'"
    warehouse.execute(f"delete from {warehouse.database}.core.fct_file_events {lost}")

    run = warehouse.dbt(*BUILD)

    assert not run.succeeded
    assert run.with_status("fail") == {"core_holds_every_file_event_of_raw"}
    assert set(PRESENTATION) <= run.with_status("skipped")
    assert before == {name: warehouse.table(f"presentation.{name}") for name in PRESENTATION}


def test_an_event_names_the_rules_that_rows_break_and_stops_what_is_built_of_them(
    warehouse: Warehouse,
) -> None:
    table = f"{warehouse.database}.core.fct_rejected_records"
    warehouse.execute(f"update {table} set record_bytes = -record_bytes - 1, reason = '?' || reason")

    run = warehouse.dbt("test", "--select", "fct_rejected_records,test_name:all_rules")

    warehouse.execute(f"update {table} set record_bytes = -record_bytes - 1, reason = substr(reason, 2)")
    assert run.with_status("fail") == {"all_rules_fct_rejected_records_"}
    assert "broken rule: fct_rejected_records_columns_not_negative (" in run.output
    assert re.search(r"broken rule: accepted_values_fct_rejected_records_reason\S+ \(\d+ rows\)", run.output)
    assert run.output.count("broken rule: ") == 2


def test_a_longer_look_back_brings_in_what_was_late(warehouse: Warehouse) -> None:
    warehouse.succeed(*EVENT, variables={"lookback_days": 30})
    (forgotten,) = story.FORGOTTEN.files[0].reviews
    found = [row for row in warehouse.table("core.fct_reviews") if row["review_key"] == forgotten.key]
    assert [row["batch_id"] for row in found] == [story.FORGOTTEN.batch_id]


def test_reviews_that_raw_has_lost_stop_the_build(warehouse: Warehouse) -> None:
    """Less rows in raw than the outcome of their batch says were published."""
    lost = {key: content for key, content in LATER.publication().items() if "/reviews/" in key}
    warehouse.withdraw(lost)
    run = warehouse.dbt("test", "--select", "test_type:singular", "test_name:holds_what_outcomes_say")
    warehouse.put(lost)
    assert not run.succeeded
    assert run.with_status("fail") == {"raw_holds_every_published_review", "core_holds_every_review_of_raw"}


@pytest.mark.parametrize("table", ["core.fct_reviews", "presentation.file_audit"])
def test_an_emptied_table_does_not_pass_for_a_green_one(warehouse: Warehouse, table: str) -> None:
    assert warehouse.table(table)
    with warehouse.emptied(table):
        run = warehouse.dbt("test", "--select", f"{table.split('.')[1]},test_name:has_rows_when")
    assert not run.succeeded
    assert len(run.with_status("fail")) == 1


def test_the_version_before_a_replaced_batch_comes_back_however_old(warehouse: Warehouse) -> None:
    """It is of a day that no run looks at; a later batch rejected what the newer one held."""
    key = story.REVIEWS[20].key

    def version() -> dict[str, Any]:
        (found,) = [row for row in warehouse.table("core.fct_reviews") if row["review_key"] == key]
        return found

    before = version()
    warehouse.publish(WRONG)
    warehouse.succeed("run", "--select", "core")
    assert version()["batch_id"] == WRONG.batch_id

    warehouse.publish(RIGHT)
    warehouse.withdraw(WRONG.publication())
    warehouse.succeed("run", "--select", "core")

    assert version() == before


def test_a_full_refresh_that_would_lose_rows_leaves_the_table_as_it_was(warehouse: Warehouse) -> None:
    """Files of RAW expire, and what core has of them would go."""
    before = {name: warehouse.table(f"core.{name}") for name in INCREMENTAL}
    expired = {key: content for key, content in LATE_AND_WHOLE.publication().items() if "/reviews/" in key}
    warehouse.withdraw(expired)

    run = warehouse.dbt("run", "--full-refresh", "--select", "fct_reviews", "dim_products")

    assert (run.statuses["fct_reviews"], run.statuses["dim_products"]) == ("error", "skipped")
    assert "would lose 1 rows, by review_key" in run.output
    assert warehouse.table("core.fct_reviews") == before["fct_reviews"]

    warehouse.put(expired)
    warehouse.succeed("run", "--full-refresh", "--select", "core")

    for name in INCREMENTAL:
        assert warehouse.table(f"core.{name}") == before[name], name
    tables = warehouse.rows(
        "select table_name from {db}.information_schema.tables where table_schema = 'CORE'"
    )
    assert not [row for row in tables if row["table_name"].endswith("__PREVIOUS")]
