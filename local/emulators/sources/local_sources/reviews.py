"""Made-up reviews as the services give them out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from local_sources.crm import address
from local_sources.service import Record

# After it the reviews of a list were changed, one a minute (seconds since 1970).
_START = 1_750_000_000
_MINUTE = 60
_TEXTS = (
    "Works as described.",
    "Stopped working after a week.",
    "Good value.",
    "¡Excelente!",
    "まあまあです。",
)
_STARS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")


def steam_review(app: str, number: int) -> Record:
    """Review number `number` of an app."""
    rng = Random(f"{app}/{number}")  # noqa: S311 (made-up data)
    changed = _START + number * _MINUTE
    return {
        "recommendationid": f"{app}{number:06d}",
        "author": {"steamid": f"7656{rng.randrange(10**13):013d}", "playtime_forever": rng.randrange(9_000)},
        "language": rng.choice(("english", "spanish", "japanese")),
        "review": rng.choice(_TEXTS),
        "timestamp_created": changed,
        "timestamp_updated": changed,
        "voted_up": rng.random() < 0.8,
        "votes_up": rng.randrange(20),
        "weighted_vote_score": f"0.{rng.randrange(10**6):06d}",
        "steam_purchase": rng.random() < 0.9,
    }


def app_store_review(app: str, number: int) -> Record:
    """Review number `number` of an app, by the feed: every value is a label."""
    rng = Random(f"{app}/{number}")  # noqa: S311 (made-up data)
    changed = datetime.fromtimestamp(_START + number * _MINUTE, UTC) - timedelta(hours=7)
    link = f"https://itunes.apple.com/us/review?id={app}&type=Purple%20Software"
    return {
        "author": {"uri": {"label": "https://itunes.apple.com/us/reviews/id1"}, "name": {"label": "Guest"}},
        "updated": {"label": changed.strftime("%Y-%m-%dT%H:%M:%S-07:00")},
        "im:rating": {"label": str(rng.randrange(1, 6))},
        "im:version": {"label": f"1.{rng.randrange(9)}"},
        "id": {"label": f"{app}{number:06d}"},
        "title": {"label": "My review"},
        "content": {"label": rng.choice(_TEXTS), "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": link}},
        "im:voteSum": {"label": str(rng.randrange(5))},
        "im:voteCount": {"label": str(rng.randrange(5, 9))},
    }


def business_review(location: str, number: int) -> Record:
    """Review number `number` of a location."""
    rng = Random(f"{location}/{number}")  # noqa: S311 (made-up data)
    changed = datetime.fromtimestamp(_START + number * _MINUTE, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"review-{number:06d}"
    return {
        "name": f"{location}/reviews/{name}",
        "reviewId": name,
        "reviewer": {"displayName": f"Guest {rng.randrange(1_000)}"},
        "starRating": rng.choice(_STARS),
        "comment": rng.choice(_TEXTS),
        "createTime": changed,
        "updateTime": changed,
    }


def woo_review(product: str, number: int) -> Record:
    """Review number `number` of a product, by the names of its GraphQL API."""
    rng = Random(f"{product}/{number}")  # noqa: S311 (made-up data)
    changed = datetime.fromtimestamp(_START + number * _MINUTE, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "databaseId": int(product) * 100_000 + number,
        "dateGmt": changed,
        "rating": rng.randrange(1, 6),
        "content": f"<p>{rng.choice(_TEXTS)}</p>",
        "author": {"node": {"databaseId": 2 * number, "name": "Guest", "email": address(2 * number).upper()}},
    }
