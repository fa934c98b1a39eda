"""Made-up reviews as each producer writes them, and the ways in which such a record is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import vocabulary as v
from native import NativeReviews

type Record = dict[str, Any]
type Change = Callable[[Record], Record]

_NATIVE = NativeReviews(products=40, accounts=400, sentences=v.sentences(seed=1, count=500))


@dataclass(frozen=True)
class Producer:
    """How one producer writes reviews.

    `review` makes record number n of a file; the number makes its identity unique in the file.
    `crawled_again` makes the same review as a later crawl sees it: one of the two is a duplicate.
    `faults` maps a reason of contracts/outcomes.json to the change of a good record that calls for it.
    """

    review: Callable[[Random, int], Record]
    crawled_again: Change
    faults: Mapping[str, Change]


def _with(**fields: object) -> Change:
    return lambda record: record | fields


def _without(*keys: str) -> Change:
    return lambda record: {key: value for key, value in record.items() if key not in keys}


def _edited(record: Record) -> Record:
    return record | {"body": f"{record['body']} Edit: still true.", "updated_at": "2026-02-01T08:00:00+01:00"}


def _amazon_2018(rng: Random, number: int) -> Record:
    seconds = v.second(rng)
    record: Record = {
        "overall": float(rng.randint(1, 5)),
        "verified": rng.random() < 0.8,
        "reviewTime": v.iso(seconds, "%m %d, %Y"),
        "reviewerID": f"A{number:06d}{v.code(rng, 6)}",
        "asin": f"B{v.skewed(rng, range(60)):09d}",
        "reviewerName": v.person(rng),
        "reviewText": v.text(rng),
        "summary": v.title(rng),
        "unixReviewTime": seconds - seconds % 86_400,
    }
    if rng.random() < 0.3:
        record["vote"] = f"{rng.randint(2, 4_000):,}"
    if rng.random() < 0.4:
        record["style"] = {
            "Size:": rng.choice((" Small", " Large")),
            "Color:": rng.choice((" Teal", " Slate")),
        }
    if rng.random() < 0.1:
        record["image"] = [f"https://media.example/{v.code(rng, 10)}.jpg" for _ in range(rng.randint(1, 3))]
    return record


def _amazon_2023(rng: Random, number: int) -> Record:
    asin = f"B{v.skewed(rng, range(60)):09d}"
    base = f"https://media.example/{number}"
    image = {
        size: f"{base}-{size}.jpg" for size in ("small_image_url", "medium_image_url", "large_image_url")
    }
    return {
        "rating": float(rng.randint(1, 5)),
        "title": v.title(rng),
        "text": v.text(rng),
        "images": [image | {"attachment_type": "IMAGE"}] if rng.random() < 0.2 else [],
        "asin": asin,
        "parent_asin": asin,
        "user_id": f"AE{number:06d}{v.code(rng, 20)}",
        "timestamp": v.second(rng) * 1_000 + rng.randrange(1_000),
        "helpful_vote": int(rng.expovariate(0.5)),
        "verified_purchase": rng.random() < 0.8,
    }


def _yelp(rng: Random, number: int) -> Record:
    return {
        "review_id": f"{number:06d}_{v.code(rng, 15)}",
        "user_id": v.code(rng, 22),
        "business_id": f"business-{v.skewed(rng, range(40)):04d}",
        "stars": float(rng.randint(1, 5)),
        "useful": int(rng.expovariate(0.5)),
        "funny": int(rng.expovariate(2)),
        "cool": int(rng.expovariate(1)),
        "text": v.text(rng),
        "date": v.iso(v.second(rng), "%Y-%m-%d %H:%M:%S"),
    }


def _google_local(rng: Random, number: int) -> Record:
    milliseconds = v.second(rng) * 1_000 + rng.randrange(1_000)
    answered = rng.random() < 0.3
    return {
        "user_id": f"1{number:020d}",
        "name": v.person(rng),
        "time": milliseconds,
        "rating": rng.randint(1, 5),
        "text": v.text(rng) if rng.random() < 0.7 else None,
        "pics": [{"url": [f"https://media.example/{v.code(rng, 12)}=w150"]}] if rng.random() < 0.2 else None,
        "resp": {"time": milliseconds + 86_400_000, "text": v.sentence(rng)} if answered else None,
        "gmap_id": f"0x{v.skewed(rng, range(30)):016x}:0x1",
    }


def _steam_api(rng: Random, number: int) -> Record:
    created = v.second(rng)
    score: object = f"0.{rng.randrange(10**15):015d}" if rng.random() < 0.6 else 0
    return {
        "recommendationid": str(10_000_000 + number),
        "author": {
            "steamid": f"7656{number:013d}",
            "num_games_owned": rng.randint(1, 800),
            "num_reviews": rng.randint(1, 60),
            "playtime_forever": rng.randint(5, 90_000),
            "last_played": created + rng.randint(0, 1_000_000),
        },
        "language": rng.choice(("english", "german", "schinese", "brazilian")),
        "review": v.text(rng),
        "timestamp_created": created,
        "timestamp_updated": created + rng.choice((0, 0, 3_600, 86_400)),
        "voted_up": rng.random() < 0.8,
        "votes_up": int(rng.expovariate(0.3)),
        "votes_funny": int(rng.expovariate(1)),
        "weighted_vote_score": score,
        "comment_count": 0,
        "steam_purchase": rng.random() < 0.9,
        "received_for_free": rng.random() < 0.05,
        "written_during_early_access": False,
    }


def _google_play(rng: Random, number: int) -> Record:
    seconds = v.second(rng)
    answered = rng.random() < 0.4
    review_id = f"gp:{number:06d}-{v.code(rng, 24)}"
    package = f"example.app{v.skewed(rng, range(8))}"
    return {
        "id": review_id,
        "userName": v.person(rng),
        "userImage": f"https://media.example/{v.code(rng, 12)}",
        "date": v.iso(seconds, "%Y-%m-%dT%H:%M:%S.000Z"),
        "score": rng.choice((rng.randint(1, 5), str(rng.randint(1, 5)))),
        "title": rng.choice((None, "None")),
        "text": v.text(rng, most=2),
        "url": f"https://play.google.com/store/apps/details?id={package}&reviewId={number}",
        "version": rng.choice((None, "4.11.0")),
        "thumbsUp": int(rng.expovariate(0.5)),
        "replyDate": v.iso(seconds + 86_400, "%Y-%m-%dT%H:%M:%S.000Z") if answered else None,
        "replyText": v.sentence(rng) if answered else None,
        "criterias": [],
    }


def _beer_advocate(rng: Random, number: int) -> Record:
    halves = [step / 2 for step in range(2, 11)]
    beer = v.skewed(rng, range(40))
    return {
        "review/appearance": rng.choice(halves),
        "review/aroma": rng.choice(halves),
        "review/palate": rng.choice(halves),
        "review/taste": rng.choice(halves),
        "review/overall": rng.choice(halves),
        "review/timeUnix": v.second(rng),
        "review/text": v.text(rng),
        "beer/name": f"Sample no. {beer}",
        "beer/beerId": str(40_000 + beer),
        "beer/brewerId": str(1_000 + beer % 7),
        "beer/ABV": rng.choice((None, 5.0, 6.8)),
        "beer/style": rng.choice(("Rauchbier", "Baltic Porter", "Witbier")),
        "user/profileName": f"{v.word(rng).lower()}{number}",
    }


PRODUCERS: Mapping[str, Producer] = {
    "native": Producer(
        review=lambda rng, number: _NATIVE.review(rng, f"native-{number:06d}"),
        crawled_again=_edited,
        faults={
            "MISSING_ID": _without("review_id"),
            "MISSING_PRODUCT": lambda record: record | {"product": {"title": record["product"]["title"]}},
            "RATING_INVALID": _with(rating=11),
            "TIMESTAMP_INVALID": _with(created_at="last Tuesday"),
            "TIMESTAMP_FUTURE": _with(created_at="2999-01-01T00:00:00Z"),
            "SCHEMA_MISMATCH": _with(reviewer="a name where an object belongs"),
        },
    ),
    "amazon-2018": Producer(
        review=_amazon_2018,
        crawled_again=_with(style={"Format:": " As crawled later"}),
        faults={"MISSING_ID": _without("reviewerID"), "RATING_INVALID": _with(overall=11.0)},
    ),
    "amazon-2023": Producer(
        review=_amazon_2023,
        crawled_again=_with(helpful_vote=99),
        faults={"MISSING_ID": _without("user_id"), "RATING_INVALID": _with(rating="5 stars")},
    ),
    "yelp": Producer(
        review=_yelp,
        crawled_again=_with(useful=99, cool=99),
        faults={
            "MISSING_ID": _with(review_id=None),
            "MISSING_PRODUCT": _without("business_id"),
            "RATING_INVALID": _with(stars=-1),
            "TIMESTAMP_INVALID": _with(date="0001-01-01 00:00:00"),
        },
    ),
    "google-local": Producer(
        review=_google_local,
        crawled_again=_with(pics=[{"url": ["https://media.example/later=w150"]}]),
        faults={"MISSING_ID": _with(user_id=None), "RATING_INVALID": _with(rating=None)},
    ),
    "steam-api": Producer(
        review=_steam_api,
        crawled_again=lambda record: record | {"timestamp_updated": record["timestamp_updated"] + 600},
        faults={
            "MISSING_ID": _without("recommendationid"),
            "TIMESTAMP_INVALID": _with(timestamp_created=0),
            "TIMESTAMP_FUTURE": _with(timestamp_created=32_472_144_000),
        },
    ),
    "google-play": Producer(
        review=_google_play,
        crawled_again=_with(thumbsUp=99),
        faults={"MISSING_PRODUCT": _with(url=None), "RATING_INVALID": _with(score="6")},
    ),
    "beer-advocate": Producer(
        review=_beer_advocate,
        crawled_again=_with(**{"beer/ABV": 7.2}),
        faults={
            "MISSING_ID": _without("user/profileName"),
            "RATING_INVALID": _with(**{"review/overall": 7.5}),
        },
    ),
}
