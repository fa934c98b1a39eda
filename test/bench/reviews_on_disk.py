"""The bench's input: made-up native reviews as JSON Lines, and the manifest of a batch of them."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random

import vocabulary
from native import NativeReviews
from producers import PRODUCERS

_SEED = 1_000_003
# 2 % of the records are rejected and 2 % are a second version of a recent record of the same file.
_SHARE = 0.02
_WITHIN = 1_000  # records
# One product for fifty reviews and one account for four, as in a shop's own data.
_REVIEWS_PER_PRODUCT = 50
_REVIEWS_PER_ACCOUNT = 4
_FLUSH_BYTES = 1 << 20
_JSON_LINES = {"layout": "lines", "compression": "none", "encoding": "utf-8"}


@dataclass(frozen=True)
class Figures:
    """What is in the files: `records` = `published` + `duplicates` + `rejected`."""

    records: int
    published: int
    duplicates: int
    rejected: int
    bytes: int


@dataclass(frozen=True)
class DataSet:
    """Files of reviews and what a pipeline must find in them."""

    files: tuple[Path, ...]
    figures: Figures


def prepare(folder: Path, reviews: int, files: int = 8) -> DataSet:
    """The data set of so many records in `folder`; made, unless an earlier call left the very same there."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"reviews-{number}.jsonl" for number in range(files))
    made = folder / "made.json"
    recipe = {"reviews": reviews, "files": files, "seed": _SEED, "version": 2}
    if made.exists() and (found := json.loads(made.read_text()))["recipe"] == recipe:
        return DataSet(paths, Figures(**found["figures"]))
    sizes = [reviews * (number + 1) // files - reviews * number // files for number in range(files)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(_write_file, paths, range(files), sizes, [reviews] * files))
    total = Counter[str]()
    for part in parts:
        total.update(part)
    figures = Figures(
        records=total.total(),
        published=total["published"],
        duplicates=total["duplicates"],
        rejected=total["rejected"],
        bytes=sum(path.stat().st_size for path in paths),
    )
    # Written last: a run that was stopped half-way leaves no data set behind.
    made.write_text(json.dumps({"recipe": recipe, "figures": vars(figures)}, indent=2) + "\n")
    return DataSet(paths, figures)


def write_manifest(folder: Path, files: tuple[Path, ...], form: Mapping[str, str] = _JSON_LINES) -> Path:
    """The manifest of a batch of these files (docs/architecture.md); work area and tables are in `folder`.

    `form` says how the files are written: layout, compression and encoding.
    """
    batch = "20261121T090000Z-0be9c400"
    entries = [
        {
            "fileId": f"{number:032x}",
            "bucket": "bench",
            "key": f"reviews/native/{path.name}",
            "versionId": "bench",
            "sizeBytes": path.stat().st_size,
            "etag": "bench",
            "arrivedAt": "2026-11-21T09:00:00.000Z",
            "source": "native",
            "uri": str(path),
            "cutOff": False,
            **form,
        }
        for number, path in enumerate(files)
    ]
    manifest = {
        "manifestVersion": 1,
        "batchId": batch,
        "ingestDate": "2026-11-21",
        "ingestedAt": "2026-11-21T09:00:00.000Z",
        "executionArn": "arn:aws:states:eu-west-1:000000000000:execution:review-intake:bench",
        "workUri": f"{folder}/work/batch={batch}/",
        "tablesUri": f"{folder}/tables/",
        "files": entries,
    }
    path = folder / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest, indent=2) + "\n")
    return path


def _write_file(path: Path, number: int, records: int, reviews: int) -> Counter[str]:
    """Writes one file, so many records of a set of `reviews`; records by outcome."""
    made = Counter[str]()
    with path.open("w", encoding="utf-8", newline="\n", buffering=_FLUSH_BYTES) as file:
        for fate, line in _lines(Random(_SEED + number), number, records, reviews):  # noqa: S311 - made-up data
            made[fate] += 1
            file.write(line)
            file.write("\n")
    return made


@cache
def _sentences() -> list[str]:
    """So many sentences that few stand twice in one page of a Parquet file."""
    return vocabulary.babble(_SEED, 100_000)


def _lines(rng: Random, number: int, records: int, reviews: int) -> Iterator[tuple[str, str]]:
    products, accounts = max(1, reviews // _REVIEWS_PER_PRODUCT), max(1, reviews // _REVIEWS_PER_ACCOUNT)
    source = NativeReviews(products, accounts, _sentences())
    faults = cycle(PRODUCERS["native"].faults.values())
    recent: list[dict[str, object]] = []
    for place in range(records):
        chance = rng.random()
        if recent and chance < _SHARE:
            # Removed from `recent`: two versions of a review must not be equally new.
            again = recent.pop(rng.randrange(len(recent)))
            yield "duplicates", _text(source.edited(rng, again))
            continue
        record = source.review(rng, f"r{number}-{place:07d}")
        if chance > 1 - _SHARE / 2:
            yield "rejected", _text(next(faults)(record))
        elif chance > 1 - _SHARE:
            yield "rejected", _broken(rng, _text(record))
        else:
            recent.append(record)
            if len(recent) > 2 * _WITHIN:
                del recent[:_WITHIN]
            yield "published", _text(record)


def _text(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _broken(rng: Random, text: str) -> str:
    """Text that is no record: cut off, with a word without quotes, with something after it, or HTML."""
    return rng.choice(
        (
            text[: rng.randrange(1, len(text) - 1)],
            text.removesuffix("}") + ',"note":unquoted}',
            text + " trailing",
            "<html>502 Bad Gateway</html>",
        )
    )
