"""Writes a small, realistic, wholly made-up sample of review files, and what a pipeline must find in them.

    python local/samples/generate.py --out DIR [--reviews 3000] [--seed 7]

Files go to DIR/<source>/<file>; drop them under reviews/<source>/<file>. DIR/expected.json says for each file
how many records it holds and their outcome. Equal arguments give equal bytes. About 1 % of the records
are wrong in one way each, about 1 % are a second version of another record in the same file.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import forms
from producers import PRODUCERS, Producer, Record

# One record in a hundred is rejected and one in a hundred is a duplicate, at least one of each in a file.
_SHARE = 0.01


@dataclass(frozen=True)
class SampleFile:
    """One file of the sample: where it lies, its share of the records, its form and its notation."""

    source: str
    name: str
    weight: int
    form: forms.Form
    cut_off: bool = False
    syntax: str = "json"

    @property
    def path(self) -> str:
        """Path below the output folder, and below `reviews/` in the bucket."""
        return f"{self.source}/{self.name}"

    def text(self, value: object) -> str:
        """A record, or any other value, in the producer's notation."""
        return json.dumps(value, ensure_ascii=False) if self.syntax == "json" else repr(value)


FILES = (
    SampleFile("native", "2026-11-20.jsonl", 9, forms.lines),
    SampleFile("amazon-2018", "Camping_5.json.gz", 5, forms.gzipped(forms.lines)),
    SampleFile("amazon-2023", "Office_Products.json", 4, forms.array_cut_off, cut_off=True),
    SampleFile("yelp", "business reviews (part 1).json", 4, forms.concatenated),
    SampleFile("google-local", "review-Nordland_10.json", 3, forms.lines_utf16),
    SampleFile("steam-api", "review_990001.json.gz", 2, forms.gzipped(forms.wrapped_map)),
    SampleFile("google-play", "page=1.json", 2, forms.wrapped_array),
    SampleFile("beer-advocate", "beeradvocate.json", 1, forms.lines, syntax="python-dict"),
)


@dataclass
class Expectation:
    """What the pipeline must report of a file: recordsRead = published + duplicates + the sum of rejected."""

    published: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def as_json(self, source: str) -> dict[str, Any]:
        """The form of the pipeline's own outcome of a file."""
        read = self.published + self.duplicates + self.rejected.total()
        return {
            "source": source,
            "recordsRead": read,
            "published": self.published,
            "duplicates": self.duplicates,
            "rejected": dict(sorted(self.rejected.items())),
        }


def fill(file: SampleFile, records: int, rng: Random) -> tuple[bytes, Expectation]:
    """The bytes of a file with so many records, and what is to be found in them."""
    producer = PRODUCERS[file.source]
    few = max(1, round(records * _SHARE))
    good = [producer.review(rng, number) for number in range(records - 2 * few)]
    expected = Expectation(published=len(good))
    again = [producer.crawled_again(record) for record in rng.sample(good, few)]
    expected.duplicates = len(again)
    wrong = _wrong_records(file, producer, records, few - file.cut_off, rng)
    expected.rejected.update(reason for reason, _ in wrong)
    # The first record is a good one: a file whose first record is broken is a matter for hostile.py.
    first, *others = (file.text(record) for record in good + again)
    others += [text for _, text in wrong]
    rng.shuffle(others)
    texts = [first, *others]
    if file.cut_off:
        texts.append(file.text(producer.review(rng, records * 2)))
        expected.rejected["TRUNCATED"] += 1
    return file.form(texts), expected


def _wrong_records(
    file: SampleFile, producer: Producer, first: int, count: int, rng: Random
) -> list[tuple[str, str]]:
    """So many records that must be rejected, each with its reason; the reasons come in turn."""
    reasons = islice(cycle(["MALFORMED_JSON", *producer.faults, "NOT_AN_OBJECT"]), count)
    return [
        (reason, _wrong_text(reason, file, producer, producer.review(rng, first + place)))
        for place, reason in enumerate(reasons)
    ]


def _wrong_text(reason: str, file: SampleFile, producer: Producer, record: Record) -> str:
    if reason == "NOT_AN_OBJECT":
        return file.text("rate limit exceeded")
    if reason == "MALFORMED_JSON":
        # A word without quotes: the brackets still match, so the records around it can be told apart.
        return file.text(record).removesuffix("}") + ', "note": unquoted}'
    return file.text(producer.faults[reason](record))


def generate(out: Path, reviews: int, seed: int) -> None:
    """Writes the sample of so many records (to within rounding) and expected.json below `out`."""
    weights = sum(file.weight for file in FILES)
    files: dict[str, dict[str, Any]] = {}
    for file in FILES:
        # A generator of its own for each file: a file's content does not depend on the files before it.
        rng = Random(f"{seed} {file.path}")  # noqa: S311 - made-up data, not secrets
        content, expected = fill(file, max(10, round(reviews * file.weight / weights)), rng)
        path = out / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        files[file.path] = expected.as_json(file.source)
    document = {"seed": seed, "files": files}
    (out / "expected.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write made-up review files of several producers.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if it is not there")
    parser.add_argument("--reviews", type=int, default=3_000, help="records in all (default: 3000)")
    parser.add_argument("--seed", type=int, default=7, help="equal seeds give equal files (default: 7)")
    arguments = parser.parse_args()
    generate(arguments.out, arguments.reviews, arguments.seed)


if __name__ == "__main__":
    main()
