"""What the presentation tables say as batches come in: first, again, changed, late, failed and run again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import story
from moments import CORE, INCREMENTAL, PRESENTATION, Moment
from pseudonyms import pseudonym
from published import digest, personal_values


def test_an_empty_warehouse_builds_empty_marts(moments: dict[str, Moment]) -> None:
    marts = (*CORE, *PRESENTATION)
    assert {name: len(moments["empty"].tables[name]) for name in marts} == dict.fromkeys(marts, 0)


def test_first_load_gives_averages_shares_and_counts(moments: dict[str, Moment]) -> None:
    for product_id in ("p0", "p1", "p2", "p3"):
        product = moments["first"].product(product_id)
        assert (product["review_count"], product["average_rating"], product["verified_share"]) == (
            10,
            Decimal("3.0000"),
            Decimal("0.5000"),
        )
        assert product["bayesian_rating"] == Decimal("3.0000")
    game = moments["first"].product("game")
    assert (game["review_count"], game["average_rating"], game["recommended_share"]) == (
        2,
        None,
        Decimal("0.5000"),
    )
    assert len(moments["first"].tables["fct_reviews"]) == 42
    assert len(moments["first"].tables["reviewer_activity"]) == 8


def test_first_load_counts_lists_of_reviews(moments: dict[str, Moment]) -> None:
    counts = {
        number: tuple(
            moments["first"].row("fct_reviews", review_key=story.REVIEWS[number].key)[column]
            for column in ("media_count", "tag_count", "response_count")
        )
        for number in (6, 7, 8, 9)
    }
    assert counts == {6: (0, 0, 0), 7: (2, 0, 0), 8: (0, 1, 0), 9: (0, 0, 1)}


def test_days_of_a_product_add_up(moments: dict[str, Moment]) -> None:
    days = [
        row
        for row in moments["first"].tables["product_daily"]
        if row["product_key"] == digest("native", "p0")
    ]
    assert {row["reviewed_on"]: row["review_count"] for row in days} == {
        date(2024, 11, 1): 4,
        date(2024, 11, 2): 3,
        date(2024, 11, 3): 3,
    }


def test_a_run_without_news_changes_nothing(moments: dict[str, Moment]) -> None:
    for table in (*CORE, *PRESENTATION):
        assert moments["nothing new"].tables[table] == moments["first"].tables[table], table
    assert {name: moments["nothing new"].run.rows_affected[name] for name in INCREMENTAL} == dict.fromkeys(
        INCREMENTAL, 0
    )


def test_the_same_reviews_again_change_no_figure(moments: dict[str, Moment]) -> None:
    for table in ("product_summary", "product_daily", "reviewer_activity"):
        assert moments["again"].tables[table] == moments["first"].tables[table]
    assert moments["again"].file("first.json")["superseded_review_count"] == 40
    assert moments["again"].file("copy-of-first.json")["current_review_count"] == 40


def test_newer_versions_replace_older_ones_and_counts_stay(moments: dict[str, Moment]) -> None:
    second = moments["second"]
    averages = {name: second.product(name)["average_rating"] for name in ("p0", "p1", "p2", "p3")}
    # One rating of each product became 5 (from 1, 2, 3 and 4), and the tie raised one of p2 from 2 to 4.
    assert averages == {
        "p0": Decimal("3.4000"),
        "p1": Decimal("3.3000"),
        "p2": Decimal("3.4000"),
        "p3": Decimal("3.1000"),
    }
    assert {second.product(name)["review_count"] for name in averages} == {10}
    # The source's mean is 132 / 40 = 3.3.
    assert second.product("p0")["bayesian_rating"] == Decimal("3.3500")


def test_a_late_older_version_loses_and_a_later_one_of_the_same_time_wins(moments: dict[str, Moment]) -> None:
    late = moments["second"].row("fct_reviews", review_key=story.LATE.key)
    tie = moments["second"].row("fct_reviews", review_key=story.TIE.key)
    assert (late["rating"], late["batch_id"]) == (1.0, story.AGAIN.batch_id)
    assert late["updated_at"] == story.REVIEWS[5].updated_at.replace(tzinfo=None)  # type: ignore[union-attr]
    assert (tie["rating"], tie["batch_id"]) == (4.0, story.SECOND.batch_id)


def test_a_batch_of_rejected_records_only_is_accounted_for(moments: dict[str, Moment]) -> None:
    broken = moments["second"].file("broken.json")
    assert (broken["status"], broken["records_read"], broken["kept_rejection_count"]) == ("QUARANTINED", 3, 3)
    day = moments["second"].row("source_quality_daily", source_name="native", arrived_on=date(2024, 11, 20))
    assert (day["records_rejected"], day["rejected_not_an_object"], day["quarantined_file_count"]) == (
        3,
        3,
        1,
    )


def test_a_file_registered_again_is_a_duplicate_without_records(moments: dict[str, Moment]) -> None:
    again = moments["second"].file("first.json", "v2")
    assert (again["status"], again["records_read"], again["current_review_count"]) == ("DUPLICATE", 0, 0)
    assert moments["second"].file("first.json")["status"] == "PUBLISHED"


def test_what_a_failed_execution_published_does_not_count(moments: dict[str, Moment]) -> None:
    reviews = {row["batch_id"] for row in moments["second"].tables["fct_reviews"]}
    assert story.FAILED.batch_id not in reviews
    failed = moments["second"].file("interrupted.json")
    assert (failed["status"], failed["needs_attention"], failed["records_published"]) == ("FAILED", True, 0)


def test_a_failed_file_that_is_run_again_counts_once(moments: dict[str, Moment]) -> None:
    rerun = moments["rerun"].file("interrupted.json")
    assert (rerun["status"], rerun["attempt_count"], rerun["current_review_count"]) == ("PUBLISHED", 2, 1)
    assert (rerun["seconds_failed"], rerun["seconds_processing"]) == (Decimal(59 * 60), Decimal(59 * 2))
    assert moments["rerun"].product("p0")["review_count"] == 11


def test_deleted_reviews_leave_facts_dimensions_and_marts(moments: dict[str, Moment]) -> None:
    before, after = moments["rerun"], moments["deleted"]
    gone = {story.REVIEWS[number].key for number in (0, 10, 11)} | {story.LATE_COMER.key}
    kept = {row["review_key"] for row in before.tables["fct_reviews"]} - gone
    assert {row["review_key"] for row in after.tables["fct_reviews"]} == kept
    assert {row["review_key"] for row in after.tables["fct_deleted_reviews"]} == gone | {
        story.STALE.review.key
    }
    counts = {name: after.product(name)["review_count"] for name in ("p0", "p1", "p2", "p3")}
    assert counts == {"p0": 9, "p1": 10, "p2": 9, "p3": 10}
    # The only review of this reviewer was deleted: nothing of them stays.
    nobody = digest("native", "u9")
    for table, key in (("dim_reviewers", nobody), ("reviewer_activity", pseudonym(before, nobody))):
        assert key in {row["reviewer_key"] for row in before.tables[table]}
        assert key not in {row["reviewer_key"] for row in after.tables[table]}
    assert after.file("deletions.json")["status"] == "PUBLISHED"
    assert after.file("deletions.json")["records_deleted"] == 5


def test_what_only_deleted_reviews_said_of_a_product_is_forgotten(moments: dict[str, Moment]) -> None:
    assert moments["rerun"].product("p0")["product_title"] == "Product p0 of 2024-11-19"
    assert moments["deleted"].product("p0")["product_title"] == "Product p0 of 2024-11-03"
    reviewer = moments["deleted"].row("dim_reviewers", reviewer_key=digest("native", "u0"))
    assert reviewer["batch_id"] == story.AGAIN.batch_id


def test_only_a_change_after_its_deletion_brings_a_review_back(moments: dict[str, Moment]) -> None:
    back = moments["returned"].row("fct_reviews", review_key=story.BACK.key)
    assert (back["rating"], back["batch_id"]) == (1.0, story.RETURNED.batch_id)
    reviews = {row["review_key"] for row in moments["returned"].tables["fct_reviews"]}
    assert story.REVIEWS[10].key not in reviews
    assert story.EARLY.key in reviews
    assert moments["returned"].row("dim_reviewers", reviewer_key=digest("native", "u9"))


def test_a_file_that_is_replayed_counts_by_its_last_outcome_only(moments: dict[str, Moment]) -> None:
    replayed = moments["rerun"].file("broken.json")
    assert (replayed["status"], replayed["records_published"], replayed["kept_rejection_count"]) == (
        "PUBLISHED",
        1,
        2,
    )
    assert moments["rerun"].row("dim_files", file_id=replayed["file_id"])["triggered_by"] == "replay"
    batches = {row["batch_id"]: row["status"] for row in moments["rerun"].tables["dim_batches"]}
    assert batches[story.REJECTED_ONLY.batch_id] == "REPLACED"
    assert batches[story.REPLAYED.batch_id] == "RECORDED"
    rejected = {row["batch_id"] for row in moments["rerun"].tables["fct_rejected_records"]}
    assert story.REJECTED_ONLY.batch_id not in rejected


def test_a_compaction_changes_nothing_for_readers_and_no_table(moments: dict[str, Moment]) -> None:
    """Before, while both the batches' files and the large ones are there, and when the first are gone."""
    compacted = moments["compacted"]
    assert len(compacted.counts) == 1
    assert sum(next(iter(compacted.counts))) > 100
    for table in (*CORE, *PRESENTATION):
        assert compacted.tables[table] == moments["returned"].tables[table], table
    whole = (
        story.FIRST,
        story.AGAIN,
        story.SECOND,
        story.RERUN,
        story.REPLAYED,
        story.DELETED,
        story.RETURNED,
    )
    assert {row["batch_id"] for row in compacted.tables["compacted_batches"]} == {
        batch.batch_id for batch in whole
    }
    assert moments["full refresh"].tables["compacted_batches"] == compacted.tables["compacted_batches"]


def test_a_full_refresh_gives_the_same_tables_as_the_incremental_runs(moments: dict[str, Moment]) -> None:
    for table in (*CORE, *PRESENTATION):
        assert moments["full refresh"].tables[table] == moments["returned"].tables[table], table


def test_nothing_that_points_at_a_person_leaves_staging(moments: dict[str, Moment]) -> None:
    """Whatever a column is called, none of the values that the contract marks is in a table after staging."""
    marked = {value for batch in (story.FIRST, story.SECOND, story.RERUN) for value in personal_values(batch)}
    # What is long enough not to be part of something else by chance.
    telling = {value for value in marked if len(value) > 4}
    assert {"Name of u1", "https://example.com/u1", "Freedonia City", "A text.", "Shop Keeper"} <= telling
    for name, rows in moments["rerun"].tables.items():
        found = {str(value) for row in rows for value in row.values()}
        assert not {text for text in found if any(value in text for value in telling)}, name


def test_of_a_reviewer_only_key_country_and_what_was_given_is_known(moments: dict[str, Moment]) -> None:
    reviewer = moments["first"].row("dim_reviewers", reviewer_key=digest("native", "u1"))
    assert reviewer["country"] == "Freedonia"
    assert (reviewer["has_name"], reviewer["has_image"]) == (True, False)


def test_every_record_is_accounted_for(moments: dict[str, Moment]) -> None:
    for moment in moments.values():
        files = moment.tables["file_audit"]
        kinds = ("review", "product", "crm_record")
        current = sum(row[f"current_{kind}_count"] for row in files for kind in kinds)
        published = current + sum(row["superseded_review_count"] for row in files)
        rejected = sum(row["kept_rejection_count"] for row in files)
        duplicates = sum(row["records_duplicate"] for row in files)
        deleted = sum(row["records_deleted"] for row in files)
        assert sum(row["records_read"] for row in files) == published + rejected + duplicates + deleted
