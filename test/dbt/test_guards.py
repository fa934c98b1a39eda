"""What keeps wrong figures out of presentation, and what an incremental run leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import story
from published import Batch, File, Review, at
from warehouse import Warehouse

BUILD = ("build", "--exclude-resource-type", "unit_test")
LATER = Batch(at(25), [File("later.json", [Review("later", "p2", "u2", 1.0, at(6))])])


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """A warehouse with two batches in it, ten days apart."""
    made = new_warehouse()
    made.publish(story.FIRST, story.SECOND)
    made.succeed(*BUILD)
    return made


def test_unit_tests_of_the_models_pass(warehouse: Warehouse) -> None:
    run = warehouse.succeed("test", "--select", "test_type:unit")
    assert len(run.with_status("pass")) >= 14


def test_an_incremental_run_reads_the_newest_partitions_only(warehouse: Warehouse) -> None:
    warehouse.publish(LATER)
    warehouse.succeed("run", "--select", "core")
    batches = {key.split("batch_id=")[1].split("/")[0] for key in warehouse.files_read("reviews", "merge into")}
    assert batches == {LATER.batch_id}


def test_a_failing_test_fails_the_build_and_leaves_presentation_as_it_was(warehouse: Warehouse) -> None:
    """A batch that became visible too late to be read: core lacks it, which the test of core against raw tells."""
    before = {name: warehouse.table(f"presentation.{name}") for name in ("product_summary", "product_daily")}
    warehouse.publish(story.FORGOTTEN)

    run = warehouse.dbt(*BUILD)

    assert run.exit_code == 1
    assert run.with_status("fail") == {"core_holds_every_review_of_raw"}
    assert {"product_summary", "product_daily", "reviewer_activity", "file_audit"} <= run.with_status("skipped")
    assert before == {name: warehouse.table(f"presentation.{name}") for name in before}


def test_a_longer_look_back_brings_in_what_was_late(warehouse: Warehouse) -> None:
    warehouse.succeed(*BUILD, variables={"lookback_days": 30})
    (forgotten,) = story.FORGOTTEN.files[0].reviews
    found = warehouse.rows(f"select batch_id from {{db}}.core.fct_reviews where review_key = '{forgotten.key}'")
    assert found == [{"batch_id": story.FORGOTTEN.batch_id}]


def test_sources_are_documented_and_fresh_or_not(warehouse: Warehouse) -> None:
    freshness = warehouse.dbt("source", "freshness", variables={"audit_days": 36500})
    assert freshness.exit_code in (0, 1), freshness.output
