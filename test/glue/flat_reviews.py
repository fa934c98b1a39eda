"""Generated reviews without nesting, and the contract that maps them: what every format can hold."""

from __future__ import annotations

from typing import Any

SOURCE = "flat-shop"
COLUMNS = ("no", "item", "item_name", "kinds", "stars", "msg", "by", "on", "votes", "shelf")


def contract(format: str = "json", **settings: Any) -> dict[str, Any]:
    """The shop's contract for files of one format."""
    return {
        "source": SOURCE,
        "description": "Made up for tests.",
        "format": format,
        "recognise": {"all": ["no", "item", "stars", "on"]},
        "identity": "review_id",
        "rating": {"minimum": 1, "maximum": 5},
        "fields": {
            "review_id": ["no"],
            "product_id": ["item"],
            "product.title": ["item_name"],
            "product.categories": [{"path": "kinds", "split": "/"}],
            "rating": ["stars"],
            "body": ["msg"],
            "reviewer_id": ["by"],
            "created_at": ["on"],
            "helpful_votes": ["votes"],
        },
        **settings,
    }


def reviews(count: int) -> list[dict[str, Any]]:
    """So many reviews, among them texts that formats have to escape, duplicates and one without a product."""
    texts = ("plain", 'a "quoted" one; with, all\tmarks', "two\nlines\r\nor three", "ä€𝄞 <b>&amp;</b>", None)
    return [
        {
            "no": f"R{number % (count - 5)}",
            "item": f"P{number % 7}" if number != 3 else None,
            "item_name": f"Lamp {number % 7}",
            "kinds": "home/lamps",
            "stars": 1 + number % 5,
            "msg": texts[number % len(texts)],
            "by": f"U{number % 11}",
            "on": f"2025-03-{1 + number % 28:02d}T10:00:00Z",
            "votes": number,
            "shelf": f"shelf {number % 3}" if number % 3 else None,
        }
        for number in range(count)
    ]
