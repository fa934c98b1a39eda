"""Every figure of the marts, beside a count of the story's reviews in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from statistics import fmean
from typing import Any

import pytest
import story
from moments import PRESENTATION, Moment, Table
from pseudonyms import pseudonym
from published import Review, digest
from test_project import MODELS, properties
from warehouse import Warehouse

PUBLISHED = (story.FIRST, story.AGAIN, story.SECOND, story.RERUN, story.REPLAYED)
"""Batches that count at the story's end, in their order."""

VERSIONS: dict[str, dict[Any, Review]] = defaultdict(dict)
"""Versions by their times of each review by its key; of two of one time the later batch's."""
for batch in PUBLISHED:
    for file in batch.files:
        for review in file.reviews:
            VERSIONS[review.key][review.version_at] = review

NEWEST = [versions[max(versions)] for versions in VERSIONS.values()]


@pytest.fixture(scope="module")
def end(moments: dict[str, Moment]) -> Moment:
    return moments["rerun"]


def rounded(value: float | None, places: int = 4) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def mean(values: Iterable[float | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return rounded(fmean(known)) if known else None


def positive(review: Review) -> bool | None:
    return review.recommended if review.rating is None else review.rating >= 4


def measures(reviews: list[Review]) -> dict[str, Any]:
    """What every mart of reviews says of a group."""
    return {
        "review_count": len(reviews),
        "rating_count": sum(review.rating is not None for review in reviews),
        "average_rating": mean(review.rating for review in reviews),
        "positive_share": mean(positive(review) for review in reviews),
    }


def grouped(key: Callable[[Review], Hashable], reviews: Iterable[Review] = NEWEST) -> dict[Any, list[Review]]:
    groups: dict[Any, list[Review]] = defaultdict(list)
    for review in reviews:
        groups[key(review)].append(review)
    return groups


def shown(table: Table, keys: tuple[str, ...], columns: Iterable[str]) -> dict[Any, dict[str, Any]]:
    """Rows of a table by their keys, of the columns that are compared."""
    wanted = tuple(columns)
    found = {tuple(row[key] for key in keys): {name: row[name] for name in wanted} for row in table}
    assert len(found) == len(table)
    return found


def month(review: Review) -> date:
    return review.created_at.date().replace(day=1)


MARTS = (*PRESENTATION, "mart_freshness")
MEASURES = tuple(measures([]))


def test_product_summary_has_one_positive_share_for_stars_and_thumbs(end: Moment) -> None:
    expected = {(key,): measures(of) for key, of in grouped(lambda review: review.product_key).items()}
    # Of a catalogue's product there may be no review.
    expected[(digest("native", "unreviewed"),)] = measures([])
    assert shown(end.tables["product_summary"], ("product_key",), MEASURES) == expected
    product = end.product("p0")
    assert (product["top_category"], product["brand"]) == ("Books", "Brand of p")


def test_calendar_has_every_day_and_its_reviews(end: Moment) -> None:
    days = Counter(review.created_at.date() for review in NEWEST)
    span = [min(days) + timedelta(days=more) for more in range((max(days) - min(days)).days + 1)]
    found = shown(
        end.tables["calendar"], ("calendar_date",), ("review_count", "is_weekend", "weekday_number")
    )
    assert found == {
        (day,): {
            "review_count": days[day],
            "is_weekend": day.isoweekday() > 5,
            "weekday_number": day.isoweekday(),
        }
        for day in span
    }


def test_brand_category_monthly(end: Moment) -> None:
    groups = grouped(
        lambda review: (review.source, f"Brand of {review.product_id[:1]}", "Books", month(review))
    )
    keys = ("source_name", "brand", "category", "reviewed_month")
    found = shown(end.tables["brand_category_monthly"], keys, (*MEASURES, "product_count"))
    assert found == {
        key: measures(of) | {"product_count": len({review.product_id for review in of})}
        for key, of in groups.items()
    }


def test_rating_trend_monthly(end: Moment) -> None:
    groups = grouped(lambda review: (review.product_key, month(review)))
    columns = ("review_count", "rating_count", "average_rating")
    found = shown(end.tables["rating_trend_monthly"], ("product_key", "reviewed_month"), columns)
    assert found == {key: {name: measures(of)[name] for name in columns} for key, of in groups.items()}
    # All reviews are of one month, so that the rolling figures are the month's.
    for row in end.tables["rating_trend_monthly"]:
        assert row["rolling_rating_count"] == row["rating_count"]
        assert row["rolling_average_rating"] == row["average_rating"]
        assert row["is_sample_sufficient"] == (row["rating_count"] >= 5)


def test_response_performance(end: Moment) -> None:
    for (source, of_month), of in grouped(lambda review: (review.source, month(review))).items():
        answered = [review for review in of if review.responded_at]
        hours = [(r.responded_at - r.created_at).total_seconds() / 3600 for r in answered if r.responded_at]
        row = end.row("response_performance", source_name=source, reviewed_month=of_month)
        assert (row["review_count"], row["answered_count"], row["timed_count"]) == (
            len(of),
            len(answered),
            len(hours),
        )
        assert row["answered_share"] == rounded(len(answered) / len(of))
        assert row["negative_count"] == sum(positive(review) is False for review in of)
        # Not more than one answer is told: it is median and ninth decile alike.
        assert {row["median_hours"], row["p90_hours"]} == {rounded(hours[0], 3) if hours else None}


def test_helpfulness(end: Moment) -> None:
    def verdict(review: Review) -> str:
        if review.rating is None:
            return "up" if review.recommended else "down"
        return str(int(review.rating))

    columns = ("review_count", "voted_count", "helpful_votes", "average_helpful_votes", "average_body_length")
    found = shown(end.tables["helpfulness"], ("source_name", "verdict"), columns)
    expected = {}
    for key, of in grouped(lambda review: (review.source, verdict(review))).items():
        votes = [review.helpful_votes for review in of if review.helpful_votes is not None]
        expected[key] = {
            "review_count": len(of),
            "voted_count": sum(vote > 0 for vote in votes),
            "helpful_votes": sum(votes),
            "average_helpful_votes": mean(votes),
            "average_body_length": rounded(fmean(len(review.body) for review in of), 1),
        }
    assert found == expected


def test_verification_mix(end: Moment) -> None:
    names = {True: "verified", False: "unverified", None: "unknown"}
    groups = grouped(lambda review: (review.source, names[review.verified]))
    of_source = Counter(review.source for review in NEWEST)
    keys = ("source_name", "verification")
    found = shown(end.tables["verification_mix"], keys, (*MEASURES, "share_of_source"))
    assert found == {
        key: measures(of) | {"share_of_source": rounded(len(of) / of_source[key[0]])}
        for key, of in groups.items()
    }


def test_language_summary(end: Moment) -> None:
    codes = {"en": "en", "english": "en", "pt-br": "pt", None: "unknown"}
    groups = grouped(lambda review: (review.source, codes[review.language]))
    keys = ("source_name", "language_code")
    found = shown(end.tables["language_summary"], keys, (*MEASURES, "product_count", "reviewer_count"))
    assert found == {
        key: measures(of)
        | {
            "product_count": len({review.product_key for review in of}),
            "reviewer_count": len({review.reviewer_key for review in of} - {None}),
        }
        for key, of in groups.items()
    }


def test_product_comparison(end: Moment) -> None:
    for source, of_category in grouped(lambda review: review.source).items():
        average = mean(review.rating for review in of_category)
        products = grouped(lambda review: review.product_key, of_category)
        for key, of in products.items():
            row = end.row("product_comparison", product_key=key)
            own = mean(review.rating for review in of)
            assert (row["source_name"], row["category"]) == (source, "Books")
            assert (row["category_review_count"], row["category_product_count"]) == (
                len(of_category),
                len(products),
            )
            assert row["category_average_rating"] == average
            assert row["rating_difference"] == (own - average if own and average else None)
            assert row["review_count_rank"] == 1 + sum(len(other) > len(of) for other in products.values())


def test_reviewer_360_tells_bursts_one_sidedness_and_repeated_texts(end: Moment) -> None:
    named = [review for review in NEWEST if review.reviewer_key]
    texts = grouped(lambda review: review.body, [r for r in named if len(r.body) >= 30])
    columns = (*MEASURES, "greatest_day_count", "repeated_text_count", "shared_text_count", "extreme_share")
    found = shown(end.tables["reviewer_360"], ("reviewer_key",), columns)
    expected = {}
    for key, of in grouped(lambda review: review.reviewer_key, named).items():
        own = Counter(review.body for review in of)
        expected[(pseudonym(end, key),)] = measures(of) | {
            "greatest_day_count": max(Counter(review.created_at.date() for review in of).values()),
            "repeated_text_count": sum(own[review.body] > 1 for review in of if review.body in texts),
            "shared_text_count": sum(
                any(other.reviewer_key != key for other in texts.get(review.body, ())) for review in of
            ),
            "extreme_share": mean(review.rating in (1, 5) for review in of),
        }
    assert found == expected
    assert sum(row["repeated_text_count"] for row in expected.values()) == 5


def test_customer_360_joins_customers_with_their_reviews_and_cases_by_address(end: Moment) -> None:
    def person(address: str) -> str:
        return sha256(f"email/{address}".encode()).hexdigest()

    own = [review for review in NEWEST if review.reviewer_id == "u1" and review.source == "native"]
    counted = {
        person("u1@example.com"): measures(own) | {"customer_count": 1, "case_count": 1},
        person("nobody@example.com"): measures([]) | {"customer_count": 1, "case_count": 0},
        digest("crm", "c4"): measures([]) | {"customer_count": 1, "case_count": 0},
    }
    found = shown(end.tables["customer_360"], ("customer_key",), (*MEASURES, "customer_count", "case_count"))
    assert found == {(pseudonym(end, key),): row for key, row in counted.items()}


def test_review_versions_lists_every_changed_review(end: Moment) -> None:
    columns = ("version_count", "first_rating", "newest_rating", "has_new_text")
    found = shown(end.tables["review_versions"], ("review_key",), columns)
    expected = {}
    for key, versions in VERSIONS.items():
        if len(versions) > 1:
            first, last = versions[min(versions)], versions[max(versions)]
            expected[(pseudonym(end, key),)] = {
                "version_count": len(versions),
                "first_rating": first.rating,
                "newest_rating": last.rating,
                "has_new_text": len({version.body for version in versions.values()}) > 1,
            }
    assert found == expected
    assert len(expected) == 5


def test_mart_freshness_tells_of_every_mart_when_it_was_built_and_tested(end: Moment) -> None:
    rows = {row["mart_name"]: row for row in end.tables["mart_freshness"]}
    assert set(rows) == set(MARTS)
    for name, row in rows.items():
        assert row["last_built_at"] == row["last_tried_at"], name
        assert row["passed_test_count"] >= 3, name
        assert row["failed_test_count"] == 0, name
        assert row["last_failure_at"] is None, name
        assert row["data_until"] == story.REPLAYED.ended_at.replace(tzinfo=None), name


def test_a_dictionary_of_public_ids_finds_no_key_of_presentation(end: Moment) -> None:
    """Whoever knows a source's ids makes the contract's keys of them, or hashes the ids alone."""
    guesses = {
        guess
        for review in NEWEST
        for public in (review.review_id, review.reviewer_id)
        if public
        for guess in (
            public,
            digest(public),
            digest(review.source, public),
            digest(digest(review.source, public)),
        )
    }
    in_core = {row["reviewer_key"] for row in end.tables["dim_reviewers"]}
    assert guesses & in_core, "the attack itself works on what is not protected"
    for name in MARTS:
        found = {value for row in end.tables[name] for value in row.values() if isinstance(value, str)}
        assert not guesses & found, name


def test_pseudonyms_are_the_same_in_every_mart_and_by_the_kept_keys(end: Moment) -> None:
    expected = {pseudonym(end, row["reviewer_key"]) for row in end.tables["dim_reviewers"]}
    for name in ("reviewer_activity", "reviewer_360"):
        assert {row["reviewer_key"] for row in end.tables[name]} == expected


def test_a_full_refresh_keeps_the_keys_and_a_new_generation_changes_every_pseudonym(
    moments: dict[str, Moment],
) -> None:
    kept = [moment.tables["pseudonym_keys"] for moment in moments.values()]
    assert all(keys == kept[0] for keys in kept[:-1])
    before, after = moments["full refresh"], moments["new pseudonyms"]
    assert [row["generation"] for row in after.tables["pseudonym_keys"]] == [1, 2]
    old = {row["reviewer_key"] for row in before.tables["reviewer_360"]}
    new = {row["reviewer_key"] for row in after.tables["reviewer_360"]}
    assert len(new) == len(old)
    assert not new & old
    assert new == {pseudonym(after, row["reviewer_key"]) for row in after.tables["dim_reviewers"]}


def test_descriptions_reach_the_warehouse(warehouse: Warehouse) -> None:
    (model,) = [path for path in MODELS if path.stem == "product_summary"]
    described = {column["name"]: column["description"] for column in properties(model)["columns"]}
    rows = warehouse.rows("describe table {db}.presentation.product_summary")
    assert {row["name"].lower(): row["comment"] for row in rows} == described
