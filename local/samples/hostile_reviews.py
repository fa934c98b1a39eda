"""What hostile files are made of: good reviews, broken ones beside them, and what must become of both."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Self

import vocabulary as v
from native import NativeReviews, Record

_NATIVE = NativeReviews(products=20, accounts=50, sentences=v.sentences(seed=1, count=500))


def reviews(case: str, count: int) -> list[Record]:
    """So many good native reviews; their ids start with the number of the case, so no two cases share one."""
    rng = Random(case)  # noqa: S311 - made-up data, not secrets
    return [_NATIVE.review(rng, f"{case}-{number}") for number in range(1, count + 1)]


def text(value: object) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def lines(values: Sequence[object], end: str = "\n") -> bytes:
    """JSON Lines, UTF-8."""
    return "".join(f"{text(value)}{end}" for value in values).encode()


def ids(values: Sequence[Record]) -> list[str]:
    """The ids of native reviews."""
    return [value["review_id"] for value in values]


@dataclass(frozen=True)
class HostileFile:
    """Bytes, and what the pipeline must make of them.

    `published` and `rejected` are None where the implementation may choose, `records` where even the number
    of records in the file is a matter of opinion; `must_publish` holds in any case.
    """

    content: bytes
    status: str
    why: str
    records: int | None = 0
    published: int | None = 0
    rejected: Mapping[str, int] | None = None
    must_publish: tuple[str, ...] = ()

    @classmethod
    def all_good(cls, content: bytes, good: Sequence[Record], why: str) -> Self:
        """A file whose every record is published."""
        return cls.some_good(content, good, why, {})

    @classmethod
    def some_good(cls, content: bytes, good: Sequence[Record], why: str, rejected: Mapping[str, int]) -> Self:
        """A file with good records and so many others."""
        return cls(
            content=content,
            status="PUBLISHED",
            why=why,
            records=len(good) + sum(rejected.values()),
            published=len(good),
            rejected=rejected,
            must_publish=tuple(ids(good)),
        )

    @classmethod
    def undecided(cls, content: bytes, good: Sequence[Record], why: str, records: int | None) -> Self:
        """A file with good records and others whose fate is the implementation's choice."""
        return cls(
            content=content,
            status="PUBLISHED",
            why=why,
            records=records,
            published=None,
            rejected=None,
            must_publish=tuple(ids(good)),
        )

    @classmethod
    def empty(cls, content: bytes, why: str) -> Self:
        """A file without any record."""
        return cls(content=content, status="EMPTY", why=why, rejected={})

    @classmethod
    def unreadable(cls, content: bytes, why: str, rejected: Mapping[str, int] | None = None) -> Self:
        """A file of which nothing can be read; `rejected` where it was read as far as its records."""
        counted = sum(rejected.values()) if rejected else 0
        return cls(content=content, status="QUARANTINED", why=why, records=counted, rejected=rejected or {})

    def expectation(self) -> dict[str, Any]:
        """The file's part of manifest.json."""
        return {
            "status": self.status,
            "recordsRead": self.records,
            "published": self.published,
            "duplicates": None if self.published is None else 0,
            "rejected": None if self.rejected is None else dict(self.rejected),
            "mustPublish": list(self.must_publish),
            "why": self.why,
        }


@dataclass(frozen=True)
class Case:
    """A hostile file: what its name says, under which prefix of `reviews/` it is dropped, and how it is made.

    `make` takes the number of the case, with which all its review ids start.
    """

    label: str
    make: Callable[[str], HostileFile]
    suffix: str = ".jsonl"
    prefix: str = "native/"


def encoded(why: str, encode: Callable[[bytes], bytes], count: int = 3) -> Callable[[str], HostileFile]:
    """Good records in other bytes: all are published."""

    def make(case: str) -> HostileFile:
        good = reviews(case, count)
        return HostileFile.all_good(encode(lines(good)), good, why)

    return make
