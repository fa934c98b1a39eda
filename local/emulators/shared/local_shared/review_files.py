"""Files of made-up reviews, as a producer puts them into a container of objects."""

import gzip
import json

# Reviews of each file that is there at first.
FILES = {"2026-05-01.jsonl": 120, "2026-05-02.jsonl.gz": 80, "archive/2026-04-30.jsonl": 50}

# Says that the others are whole, as Spark does; it is not copied.
MARKER = "_SUCCESS"


def review_file(shop: str, name: str, count: int) -> bytes:
    """The content of a file of so many reviews, of which the first are those of a shorter one.

    shop: what tells the reviews of one container from those of another.
    """
    lines = b"".join(_line(f"{shop}-{name[-20:-6]}-{number}", number) for number in range(count))
    return gzip.compress(lines, mtime=0) if name.endswith(".gz") else lines


def _line(review_id: str, number: int) -> bytes:
    review = {
        "review_id": review_id,
        "product": {"product_id": f"sku-{number % 40}"},
        "reviewer": {"reviewer_id": f"reviewer-{number % 90}"},
        "rating": 1 + number * 7 % 5,
        "body": ("Works as described.", "Stopped working after a week.", "¡Excelente!")[number % 3],
        "created_at": f"2026-05-01T10:{number % 60:02d}:00Z",
    }
    return json.dumps(review, ensure_ascii=False).encode() + b"\n"
