"""Writes files that a pipeline must survive, each with the key to drop it under and what must become of it.

    python local/samples/hostile.py --out DIR

DIR/manifest.json lists the files in the order in which they were written:

    {"files": [{
      "file": "07-utf-16.jsonl",      // below DIR; a name safe on every machine
      "key": "reviews/native/…",      // to drop it under, verbatim: some keys are hostile too
      "status": "PUBLISHED",          // terminal status (contracts/outcomes.json)
      "recordsRead": 4, "published": 3, "duplicates": 0, "rejected": {"ENCODING": 1},
      "mustPublish": ["07-1", …],     // review ids that must be published whatever else happens
      "why": "…"
    }]}

A figure is null where the implementation may choose; recordsRead = published + duplicates + rejected holds
all the same. Review ids differ between all files: drop them one by one or all at once.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile_files import FILES
from hostile_keys import KEYS
from hostile_records import RECORDS
from hostile_reviews import HostileFile, lines, reviews


@dataclass
class _Writer:
    """Numbers the files and writes them."""

    out: Path
    entries: list[dict[str, Any]] = field(default_factory=list)

    def write(self, label: str, key: str, file: HostileFile) -> None:
        name = f"{self.number:02d}-{label}"
        (self.out / name).write_bytes(file.content)
        self.entries.append({"file": name, "key": key, **file.expectation()})

    @property
    def number(self) -> int:
        return len(self.entries) + 1


def generate(out: Path) -> None:
    """Writes every hostile file and manifest.json to the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    writer = _Writer(out)
    for case in (*FILES, *RECORDS):
        file = case.make(f"{writer.number:02d}")
        writer.write(f"{case.label}{case.suffix}", f"reviews/{case.prefix}{case.label}{case.suffix}", file)
    for label, key in KEYS.items():
        good = reviews(f"{writer.number:02d}", 2)
        writer.write(f"{label}.jsonl", key, HostileFile.all_good(lines(good), good, f"A key with {label}."))
    document = {"files": writer.entries}
    (out / "manifest.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write files that a review pipeline must survive.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if it is not there")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
