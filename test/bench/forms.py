"""Measures how fast the splitter takes records out of every form that producers ship.

    python test/bench/forms.py [--megabytes 64] [--dir DIR] [--report FILE]

All forms hold the same records, so their times can be compared with those of plain JSON Lines, measured in
the same run. Times are CPU time of one core, the best of three readings; speeds those of the unpacked text.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "glue-scripts"), str(ROOT / "local/samples")]

import forms_on_disk as forms  # noqa: E402
import reviews_on_disk as disk  # noqa: E402
from reviews import storage  # noqa: E402
from reviews.splitter import task  # noqa: E402
from reviews.splitter.python_dict import to_json  # noqa: E402

_BYTES_PER_REVIEW = 1_150  # as JSON Lines; measured
_READINGS = 3


class LostRecordsError(Exception):
    """The splitter did not find what was written."""


@dataclass(frozen=True)
class Speed:
    """One form: CPU seconds of the fastest reading."""

    form: str
    records: int
    megabytes: float
    cpu_seconds: float

    @property
    def megabytes_per_second(self) -> float:
        return self.megabytes / self.cpu_seconds

    def beside(self, lines: "Speed") -> float:
        """CPU time by that of JSON Lines, for the same records."""
        return self.cpu_seconds / lines.cpu_seconds


def measure(form: forms.Form, data: disk.DataSet, folder: Path) -> Speed:
    """Writes the form and splits it; the file is removed afterwards."""
    written = forms.write(form, data, folder)
    try:
        seconds = min(_reading(form, written) for _ in range(_READINGS))
    finally:
        written.path.unlink()
    return Speed(form.name, written.records, written.unpacked_bytes / 1e6, seconds)


def _reading(form: forms.Form, written: forms.FormSet) -> float:
    started = time.process_time()
    found = sum(_whole_records(form, written.path))
    seconds = time.process_time() - started
    if found != written.records:
        raise LostRecordsError(f"{form.name}: found {found:,} records; the file holds {written.records:,}")
    return seconds


def _whole_records(form: forms.Form, path: Path) -> Iterator[int]:
    """How many records without a fault each piece holds."""
    request = task.Request(
        0, str(path), form.compression, form.encoding, form.layout, form.syntax, form.wrapper
    )
    for piece in task.split(request, storage.read_chunks(str(path))):
        if not isinstance(piece, list):
            yield piece.problem is None
        elif form.syntax == "python-dict":
            yield sum(to_json(line) is not None for line in piece)
        else:
            yield len(piece)


def table(speeds: list[Speed]) -> str:
    """The figures for a terminal."""
    lines = speeds[0]
    rule = "─" * 76
    rows = (
        f"{speed.form:<24}{speed.megabytes:>10,.0f}{speed.megabytes_per_second:>10,.0f}"
        f"{speed.records / speed.cpu_seconds:>16,.0f}{speed.beside(lines):>16.1f}"
        for speed in speeds
    )
    head = f"{'':<24}{'MB':>10}{'MB/s':>10}{'records/s':>16}{'time, lines = 1':>16}"
    return "\n".join(["", f"{lines.records:,} records in each form", rule, head, *rows, rule])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the splitter on every form that producers ship.")
    parser.add_argument("--megabytes", type=int, default=64, help="JSON Lines to write (default: 64)")
    parser.add_argument("--dir", type=Path, default=ROOT / ".local/bench", help="folder for the files")
    parser.add_argument("--report", type=Path, help="file to write the figures to, as JSON")
    arguments = parser.parse_args()
    folder: Path = arguments.dir.resolve()

    reviews = max(1, arguments.megabytes * 1_000_000 // _BYTES_PER_REVIEW)
    print(f"Preparing {reviews:,} reviews …", flush=True)
    data = disk.prepare(folder / f"data-{reviews}", reviews)
    speeds = []
    for form in forms.FORMS:
        print(f"Splitting: {form.name} …", flush=True)
        speeds.append(measure(form, data, folder / "forms"))
    print(table(speeds))
    if arguments.report:
        report = [asdict(speed) for speed in speeds]
        arguments.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except LostRecordsError as error:
        sys.exit(f"bench: {error}")
