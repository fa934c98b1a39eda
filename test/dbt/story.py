"""What happens to a warehouse over eleven days, in the samples that the tests describe.

40 reviews of four products, ten each with every rating from 1 to 5 twice (average 3), by eight reviewers;
half of each product's are of verified purchases. One reviewer always writes the same text. And two thumbs
of a source without stars or reviewers.
"""

from __future__ import annotations

from dataclasses import replace

from published import Batch, Customer, Deletion, File, Rejection, Review, at

SAME_TEXT = "The same words about every product, again and again."

REVIEWS = tuple(
    Review(
        review_id=f"r{number}",
        product_id=f"p{number % 4}",
        reviewer_id=f"u{number % 8}",
        rating=1.0 + number % 5,
        created_at=at(1 + number % 3),
        updated_at=at(5) if number == 5 else None,
        verified=number < 20,
        helpful_votes=number % 3 or None,
        language=("en", "english", "pt-br", None)[number % 4],
        body=SAME_TEXT if number % 8 == 3 or number == 4 else "A text.",
        media=2 if number == 7 else 0,
        tags=("gift",) if number == 8 else (),
        responded_at=at(6) if number == 9 else None,
    )
    for number in range(40)
)
THUMBS = tuple(
    Review(f"t{up}", "game", None, None, at(2), source="steam-api", recommended=up, verified=None)
    for up in (True, False)
)

_REJECTIONS = (Rejection(["TRUNCATED"]), Rejection(["RATING_INVALID", "MISSING_ID"]))

FIRST = Batch(
    at(10),
    [
        File(
            "first.json",
            REVIEWS,
            _REJECTIONS,
            duplicates=2,
        ),
        File("thumbs.json", THUMBS, source="steam-api"),
        File("nothing.json", end="EMPTY"),
    ],
)

AGAIN = Batch(at(11), [File("copy-of-first.json", REVIEWS)])
"""The same reviews once more, under another name: the pipeline only compares the versions of one key."""

CHANGED = tuple(replace(review, rating=5.0, updated_at=at(19)) for review in REVIEWS[:4])
LATE = replace(REVIEWS[5], rating=1.0, updated_at=at(4))
TIE = replace(REVIEWS[6], rating=4.0)
SECOND = Batch(
    at(20), [File("second.json", [*CHANGED, LATE, TIE]), File("first.json", end="DUPLICATE", version_id="v2")]
)
"""Newer versions of 10 % of the reviews; one version older than what is loaded; one of the same time."""

REJECTED_ONLY = Batch(at(20, 13), [File("broken.json", rejections=[Rejection(["NOT_AN_OBJECT"])] * 3)])

_INTERRUPTED = File("interrupted.json", [Review("late-comer", "p0", "u9", 3.0, at(3))])
FAILED = Batch(at(20, 14), [_INTERRUPTED], ends="failed")
_CATALOGUE = File("catalogue.json", listed=("p1", "unreviewed"), source="native-products")
_CONTACTS = File(
    "contacts.json",
    customers=(
        Customer("c1", "U1@Example.com "),
        Customer("c2", "nobody@example.com"),
        Customer("c3", "u2@example.com", is_deleted=True),
        Customer("c4", None),
    ),
    source="crm-contacts",
)
_CASES = File("cases.json", customers=(Customer("c1", None, case_id="k1"),), source="crm-cases")
RERUN = Batch(at(20, 15), [replace(_INTERRUPTED, attempt=2), _CATALOGUE, _CONTACTS, _CASES])
"""What the failed execution did not publish; a catalogue of two products, one without reviews; and what a CRM
knows: a reviewer with a case, a stranger, a deleted customer, one without an address."""

_CORRECTED = Review("corrected", "p3", "u2", 5.0, at(4))
REPLAYED = Batch(
    at(20, 16),
    [File("broken.json", [_CORRECTED], [Rejection(["NOT_AN_OBJECT"])] * 2, attempt=2)],
    replaces=REJECTED_ONLY.batch_id,
)
"""The file of rejected records once more, after the contract was corrected: one record is published."""

LATE_COMER = _INTERRUPTED.reviews[0]
STALE = Deletion(CHANGED[1], at(18))
DELETED = Batch(
    at(20, 16),
    [
        File(
            "deletions.json",
            deletions=[
                Deletion(CHANGED[0], at(20, 10)),
                Deletion(REVIEWS[10], at(20, 10), "ERASURE"),
                Deletion(REVIEWS[11], at(7)),
                Deletion(LATE_COMER, at(20, 15, 30)),
                STALE,
            ],
        )
    ],
)
"""Deletions of the newest review of a product and of a reviewer (whose older ones lie in a partition that no
run reads any more), of the only one of a reviewer, of two others; and one older than what it deletes."""

BACK = replace(REVIEWS[11], rating=1.0, updated_at=at(9))
EARLY = Review("early", "p2", "u9", 2.0, at(2))
RETURNED = Batch(at(20, 17), [File("returned.json", [BACK, REVIEWS[10], EARLY])])
"""A change after a deletion, a deleted review once more as it was, and an older review of a reviewer without
any."""

FORGOTTEN = Batch(at(12), [File("forgotten.json", [Review("forgotten", "p1", "u1", 5.0, at(4))])])
"""A batch that Snowflake sees only when the incremental runs no longer look at its ingest date."""
