"""Made-up reviews in the pipeline's own format (contracts/sources/native.json)."""

from collections.abc import Sequence
from random import Random
from typing import Any

import vocabulary as v

type Record = dict[str, Any]

_LANGUAGES = ("en", "en", "en", "de", "fr", "es")
_COUNTRIES = ("GB", "DE", "FR", "ES", "NL", "SE")
_TAGS = ("gift", "travel", "kitchen", "second-hand", "outdoor", "work", "repair")
_CATEGORIES = (["Home", "Kitchen"], ["Sport", "Camping", "Light"], ["Office"], ["Toys & games", "Puzzles"])


class NativeReviews:
    """Makes native reviews from pools of products, accounts and sentences.

    `products` and `accounts` are the sizes of the pools: instances of equal sizes have equal pools, so that
    processes speak of the same products. `sentences` is what bodies and answers are made of.
    """

    def __init__(self, products: int, accounts: int, sentences: Sequence[str]) -> None:
        self._accounts = accounts
        pools = Random(20_150_101)  # noqa: S311 - made-up data, not secrets
        self._products = [_product(pools, number) for number in range(products)]
        self._names = [v.person(pools) for _ in range(500)]
        self._sentences = sentences

    def review(self, rng: Random, review_id: str) -> Record:
        """One valid review of about 1.1 kB; half of them were edited after they were written."""
        created = v.second(rng)
        votes = int(rng.expovariate(0.2))
        return {
            "review_id": review_id,
            "product": v.skewed(rng, self._products),
            "reviewer": self._reviewer(rng),
            "rating": rng.choice((1, 2, 3, 3.5, 4, 4.5, 5, 5, 5)),
            "title": v.title(rng),
            "body": " ".join(rng.choices(self._sentences, k=rng.randint(1, 6))),
            "language": rng.choice(_LANGUAGES),
            "verified_purchase": rng.random() < 0.8,
            "helpful_votes": votes // 2,
            "total_votes": votes,
            "created_at": v.iso(created),
            "updated_at": v.iso(created + rng.randint(60, 2_000_000)) if rng.random() < 0.5 else None,
            "media": _media(rng),
            "responses": self._responses(rng, created),
            "tags": rng.sample(_TAGS, rng.choice((0, 0, 1, 2, 3))),
            "device": {"os": rng.choice(("android", "ios", "web")), "build": rng.randint(100, 140)},
        }

    def edited(self, rng: Random, review: Record) -> Record:
        """The same review as its writer left it later: newer than every version that `review` makes."""
        return review | {
            "body": f"{review['body']} Edit: {rng.choice(self._sentences)}",
            "updated_at": v.iso(v.LAST_SECOND + 3_000_000 + rng.randint(0, 1_000_000)),
        }

    def _reviewer(self, rng: Random) -> Record:
        number = int(self._accounts * rng.random())
        return {
            "reviewer_id": f"acct-{number:07d}",
            "name": self._names[number % len(self._names)],
            "profile_url": f"https://reviews.example/people/{number}",
            "country": _COUNTRIES[number % len(_COUNTRIES)],
            "city": None if number % 3 else "Jorlumath",
        }

    def _responses(self, rng: Random, created: int) -> list[Record]:
        if rng.random() < 0.7:
            return []
        written = v.iso(created + rng.randint(3_600, 864_000))
        return [{"responder": "Customer care", "body": rng.choice(self._sentences), "responded_at": written}]


def _product(rng: Random, number: int) -> Record:
    return {
        "product_id": f"sku-{number:06d}",
        "parent_id": f"family-{number // 7}",
        "title": v.product_name(rng),
        "brand": v.word(rng),
        "categories": list(rng.choice(_CATEGORIES)),
        "price": {"amount": rng.randint(199, 29_999) / 100, "currency": rng.choice(("EUR", "GBP"))},
        "url": f"https://shop.example/products/{number}",
    }


def _media(rng: Random) -> list[Record]:
    return [
        {
            "kind": "image",
            "url": f"https://media.example/{rng.getrandbits(48):012x}.jpg",
            "caption": v.title(rng),
            "width": rng.choice((640, 1280, 1920)),
            "height": rng.choice((480, 720, 1080)),
        }
        for _ in range(rng.choice((0, 0, 1, 2)))
    ]
