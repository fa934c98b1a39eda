"""Batches as the pipeline publishes them: from reviews in a few words to all tables' Parquet objects."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from parquet import contract, parquet_file, published_tables

RAW_BUCKET = "reviews-raw"

_EXECUTIONS = "arn:aws:states:eu-central-1:111122223333:execution:review-intake"


def digest(*parts: str) -> str:
    """Hexadecimal SHA-256 of the parts, as the keys of the contract are."""
    return sha256("\n".join(parts).encode()).hexdigest()


def at(day: int, hour: int = 12, minute: int = 0, *, month: int = 11, year: int = 2024) -> datetime:
    """A time of November 2024 (UTC), unless said otherwise: past whatever the clock of the machine says."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


_FIRST_DAY = at(1)


@dataclass(frozen=True)
class Review:
    """A review in one version."""

    review_id: str
    product_id: str = "p1"
    reviewer_id: str | None = "u1"
    rating: float | None = 5.0
    created_at: datetime = _FIRST_DAY
    updated_at: datetime | None = None
    source: str = "native"
    recommended: bool | None = None
    verified: bool | None = True
    helpful_votes: int | None = None
    language: str | None = None
    body: str = "A text."
    media: int = 0
    tags: Sequence[str] = ()
    responded_at: datetime | None = None

    @property
    def key(self) -> str:
        return digest(self.source, self.review_id)

    @property
    def product_key(self) -> str:
        return digest(self.source, self.product_id)

    @property
    def reviewer_key(self) -> str | None:
        return self.reviewer_id and digest(self.source, self.reviewer_id)

    @property
    def version_at(self) -> datetime:
        return self.updated_at or self.created_at


@dataclass(frozen=True)
class Customer:
    """A CRM's contact in one version; and a case of support that names it."""

    customer_id: str
    email: str | None
    updated_at: datetime = _FIRST_DAY
    is_deleted: bool = False
    case_id: str | None = None


@dataclass(frozen=True)
class Rejection:
    """A rejected record; the first reason counts."""

    reasons: Sequence[str] = ("MALFORMED_JSON",)
    record: str = '{"reviewer": "Jane Rejected"'


@dataclass(frozen=True)
class Deletion:
    """Says that a review was deleted."""

    review: Review
    at: datetime
    reason: Literal["SOURCE", "ERASURE"] = "SOURCE"


FileEnd = Literal["outcome", "EMPTY", "QUARANTINED", "DUPLICATE"]


@dataclass(frozen=True)
class File:
    """One object version, and what the jobs find in it; or how it ends at registration."""

    name: str
    reviews: Sequence[Review] = ()
    rejections: Sequence[Rejection] = ()
    deletions: Sequence[Deletion] = ()
    listed: Sequence[str] = ()
    """Ids of products that the file, a catalogue of `native`, describes."""
    customers: Sequence[Customer] = ()
    """Of a file of contacts; of one of cases, the customers whose cases it holds."""
    duplicates: int = 0
    end: FileEnd = "outcome"
    source: str = "native"
    version_id: str = "v1"
    arrived_at: datetime | None = None
    attempt: int = 1

    @property
    def key(self) -> str:
        return f"reviews/{self.source}/{self.name}"

    @property
    def file_id(self) -> str:
        return digest(RAW_BUCKET, self.key, self.version_id)[:32]

    @property
    def records_read(self) -> int:
        return self.records_published + len(self.rejections) + len(self.deletions) + self.duplicates

    @property
    def records_published(self) -> int:
        return len(self.reviews) + len(self.listed) + len(self.customers)


_TABLES_OF_JOBS = [name for name in published_tables() if name not in ("file_events", "compactions")]

Phase = Literal["registered", "published", "outcome", "failed"]


def _brand_and_categories(product_id: str) -> dict[str, Any]:
    return {"brand": f"Brand of {product_id[:1]}", "categories": ["Books", "Novels"]}


@dataclass
class Batch:
    """What one execution does with some files: it has them in hand after a second, and takes a minute.

    replaces: id of the batch that processed the same files before.
    """

    started_at: datetime
    files: Sequence[File]
    ends: Literal["outcome", "failed"] = "outcome"
    replaces: str | None = None
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list), init=False)

    @property
    def batch_id(self) -> str:
        names = digest(*(f"{file.file_id}{file.attempt}" for file in self.files))
        return f"{self.started_at:%Y%m%dT%H%M%SZ}-{names[:8]}"

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(minutes=1)

    def folder(self, table: str) -> str:
        return f"tables/{table}/ingest_date={self.started_at:%Y-%m-%d}/batch_id={self.batch_id}/"

    def registration(self) -> dict[str, bytes]:
        """Objects (key to content) of the first state: events only."""
        events = [event for file in self.files for event in self._registration_events(file)]
        return {self.folder("file_events") + "part-registered.parquet": parquet_file("file_events", events)}

    def publication(self) -> dict[str, bytes]:
        """Objects of the jobs: the rows of all tables."""
        self.rows.clear()
        for file in self.files:
            if file.end == "outcome":
                self._read(file)
        self._describe_products_and_reviewers()
        return {
            f"{self.folder(table)}part-00000.parquet": parquet_file(table, rows)
            for table, rows in self.rows.items()
            if rows
        }

    def end(self) -> dict[str, bytes]:
        """Objects of the last state: events of the outcome, or of the failure."""
        files = [file for file in self.files if file.end == "outcome"]
        if not files:
            return {}
        self.publication()
        events = [self._end_event(file) for file in files]
        return {self.folder("file_events") + f"part-{self.ends}.parquet": parquet_file("file_events", events)}

    def objects(self) -> dict[str, bytes]:
        """Everything that is there when the execution has ended: what a failed one published is withdrawn."""
        published = self.publication() if self.ends == "outcome" else {}
        return {**self.registration(), **published, **self.end()}

    def _event(self, file: File, status: str, occurred_at: datetime, **more: Any) -> dict[str, Any]:
        return {
            "event_id": digest(file.file_id, self.batch_id, str(file.attempt), status),
            "file_id": file.file_id,
            "bucket": RAW_BUCKET,
            "key": file.key,
            "version_id": file.version_id,
            "size_bytes": 100 * file.records_read,
            "etag": digest(file.key, file.version_id)[:32],
            "arrived_at": file.arrived_at or self.started_at - timedelta(seconds=2),
            "source": file.source,
            "status": status,
            "execution_arn": f"{_EXECUTIONS}:{self.batch_id}",
            "attempt": file.attempt,
            "occurred_at": occurred_at,
            "triggered_by": self.replaces and "replay",
            "replaces_batch_id": self.replaces,
            **more,
        }

    def _registration_events(self, file: File) -> Iterator[dict[str, Any]]:
        in_hand = self.started_at + timedelta(seconds=1)
        yield self._event(file, "RECEIVED", self.started_at, source=None)
        if file.end == "outcome":
            yield self._event(file, "PROCESSING", in_hand)
        else:
            reasons = {"EMPTY": "NO_BYTES", "QUARANTINED": "NOT_TEXT", "DUPLICATE": "SAME_CONTENT"}
            yield self._event(file, file.end, in_hand, reason=reasons[file.end])

    def _end_event(self, file: File) -> dict[str, Any]:
        if self.ends == "failed":
            return self._event(file, "FAILED", self.ended_at, reason="EXECUTION_FAILED")
        rejected = Counter(rejection.reasons[0] for rejection in file.rejections)
        readable = bool(file.records_published or file.duplicates or file.deletions)
        status = "EMPTY" if file.records_read == 0 else "PUBLISHED" if readable else "QUARANTINED"
        return self._event(
            file,
            status,
            self.ended_at,
            records_read=file.records_read,
            records_published=file.records_published,
            records_rejected=len(file.rejections),
            records_duplicate=file.duplicates,
            records_deleted=len(file.deletions),
            batch_rows=json.dumps({table: len(self.rows[table]) for table in _TABLES_OF_JOBS}),
            rejected_by_reason=json.dumps(rejected),
        )

    def _read(self, file: File) -> None:
        for number, review in enumerate(file.reviews, start=1):
            self._review(review, self._lineage(file, number))
        for number, product_id in enumerate(file.listed, start=1):
            product = {
                "product_key": digest("native", product_id),
                "source": "native",
                "product_id": product_id,
                "title": f"Product {product_id} as listed",
                **_brand_and_categories(product_id),
                "last_seen_at": self.started_at,
                "from_catalogue": True,
            }
            self.rows["products"].append({**product, **self._lineage(file, number)})
        for number, customer in enumerate(file.customers, start=1):
            self._customer(customer, file, self._lineage(file, number))
        for number, rejection in enumerate(file.rejections, start=file.records_published + 1):
            row = {
                "source": file.source,
                "reason": rejection.reasons[0],
                "reasons": list(rejection.reasons),
                "record": rejection.record,
                "record_bytes": len(rejection.record),
            }
            self.rows["rejected_records"].append({**row, **self._lineage(file, number)})

        after = file.records_published + len(file.rejections)
        for number, deletion in enumerate(file.deletions, start=after + 1):
            row = {
                "review_key": deletion.review.key,
                "source": deletion.review.source,
                "reason": deletion.reason,
                "deleted_at": deletion.at,
            }
            self.rows["deleted_reviews"].append({**row, **self._lineage(file, number)})

    def _lineage(self, file: File, number: int) -> dict[str, Any]:
        return {"file_id": file.file_id, "record_number": number, "ingested_at": self.started_at}

    def _customer(self, customer: Customer, file: File, lineage: dict[str, Any]) -> None:
        row = {
            "customer_key": digest("crm", customer.customer_id),
            "source": file.source,
            "customer_id": customer.customer_id,
            "email": customer.email,
            "created_at": _FIRST_DAY,
            "updated_at": customer.updated_at,
            "is_deleted": customer.is_deleted,
            **lineage,
        }
        if customer.case_id is None:
            row |= {"given_name": f"Given {customer.customer_id}", "city": "Freedonia City"}
            self.rows["customers"].append(row)
        else:
            case = {"case_key": digest(file.source, customer.case_id), "case_id": customer.case_id}
            self.rows["support_cases"].append({**row, **case, "description": "It broke. Call me."})

    def _review(self, review: Review, lineage: dict[str, Any]) -> None:
        row = {
            "review_key": review.key,
            "source": review.source,
            "review_id": review.review_id,
            "product_key": review.product_key,
            "product_id": review.product_id,
            "reviewer_key": review.reviewer_key,
            "reviewer_id": review.reviewer_id,
            "rating": review.rating,
            "rating_scale": None if review.rating is None else "1-5",
            "recommended": review.recommended,
            "title": "A title",
            "body": review.body,
            "language": review.language,
            "verified_purchase": review.verified,
            "helpful_votes": review.helpful_votes,
            "created_at": review.created_at,
            "updated_at": review.updated_at,
        }
        self.rows["reviews"].append({**row, **lineage})
        item = {"review_key": review.key, **lineage}
        for position in range(review.media):
            medium = {
                "position": position,
                "kind": "image",
                "url": f"https://example.com/{review.review_id}.jpg",
            }
            self.rows["review_media"].append({**item, **medium})
        for position, tag in enumerate(review.tags):
            self.rows["review_tags"].append({**item, "position": position, "tag": tag})
        if review.responded_at:
            answer = {"position": 0, "responder": "Shop Keeper", "responded_at": review.responded_at}
            self.rows["review_responses"].append({**item, **answer, "body": "Thanks for your words."})
        self._product_and_reviewer(review, lineage)

    def _product_and_reviewer(self, review: Review, lineage: dict[str, Any]) -> None:
        product = {
            "product_key": review.product_key,
            "source": review.source,
            "product_id": review.product_id,
            "title": f"Product {review.product_id} of {review.version_at:%Y-%m-%d}",
            **_brand_and_categories(review.product_id),
            "last_seen_at": review.version_at,
            "from_catalogue": False,
        }
        self.rows["products"].append({**product, **lineage})
        if review.reviewer_id:
            reviewer = {
                "reviewer_key": review.reviewer_key,
                "source": review.source,
                "reviewer_id": review.reviewer_id,
                "name": f"Name of {review.reviewer_id}",
                "email": f"{review.reviewer_id}@example.com",
                "profile_url": f"https://example.com/{review.reviewer_id}",
                "country": "Freedonia",
                "city": "Freedonia City",
                "last_seen_at": review.version_at,
            }
            self.rows["reviewers"].append({**reviewer, **lineage})

    def _describe_products_and_reviewers(self) -> None:
        for table, key in (("products", "product_key"), ("reviewers", "reviewer_key")):
            oldest_first = sorted(self.rows.pop(table, []), key=lambda row: row["last_seen_at"])
            if newest := {row[key]: row for row in oldest_first}:
                self.rows[table] = list(newest.values())


def personal_values(batch: Batch) -> set[str]:
    """Every value of the batch's rows in a column that its contract marks as personal."""
    batch.publication()
    return {
        str(row[column["name"]])
        for table, rows in batch.rows.items()
        for column in contract(table)["columns"]
        for row in rows
        if column["pii"] != "none" and row.get(column["name"]) is not None
    }
