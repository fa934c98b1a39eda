"""Measures how fast the splitter and both jobs are on every form that producers ship.

    python test/bench/forms.py [--megabytes 64] [--dir DIR] [--report FILE]

All forms hold the same records, so their times can be compared with those of plain JSON Lines, measured in
the same run. Of the splitter, times are CPU time of one core, the best of three readings; of the jobs,
wall time on the machine's cores. Speeds are those of the unpacked text.
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

import form_jobs  # noqa: E402
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
    """One form: CPU seconds of the splitter's fastest reading, wall and CPU seconds of both jobs."""

    form: str
    records: int
    megabytes: float
    cpu_seconds: float
    job_seconds: float
    job_cpu_seconds: float

    @property
    def megabytes_per_second(self) -> float:
        return self.megabytes / self.cpu_seconds

    def beside(self, lines: "Speed") -> float:
        """The splitter's time by that of JSON Lines, for the same records."""
        return self.cpu_seconds / lines.cpu_seconds

    def jobs_beside(self, lines: "Speed") -> float:
        """The jobs' wall time by that of JSON Lines, for the same records."""
        return self.job_seconds / lines.job_seconds


def measured(form: forms.Form, data: disk.DataSet, folder: Path, package: form_jobs.Package) -> Speed:
    """Writes the form, splits it and runs the jobs on it; the file is removed afterwards."""
    written = forms.write(form, data, folder)
    try:
        seconds = min(_reading(form, written) for _ in range(_READINGS))
        jobs = package.run(form, written, folder / "run")
    finally:
        written.path.unlink()
    return Speed(
        form.name, written.records, written.unpacked_bytes / 1e6, seconds, jobs.seconds, jobs.cpu_seconds
    )


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
        0,
        str(path),
        form.compression,
        form.encoding,
        form.layout,
        form.syntax,
        form.wrapper,
        format=form.format,
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
    rule = "─" * 104
    rows = (
        f"{speed.form:<24}{speed.megabytes:>10,.0f}{speed.megabytes_per_second:>12,.0f}"
        f"{speed.beside(lines):>14.1f}{speed.job_seconds:>14.1f}{speed.job_cpu_seconds:>10.1f}"
        f"{speed.megabytes / speed.job_seconds:>10.1f}{speed.jobs_beside(lines):>10.2f}"
        for speed in speeds
    )
    head = (
        f"{'':<24}{'MB':>10}{'split MB/s':>12}{'lines = 1':>14}"
        f"{'jobs wall s':>14}{'CPU s':>10}{'MB/s':>10}{'lines = 1':>10}"
    )
    return "\n".join(["", f"{lines.records:,} records in each form", rule, head, *rows, rule])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description="Measure the splitter and both jobs on every form that producers ship."
    )
    parser.add_argument("--megabytes", type=int, default=64, help="JSON Lines to write (default: 64)")
    parser.add_argument("--dir", type=Path, default=ROOT / ".local/bench", help="folder for the files")
    parser.add_argument("--report", type=Path, help="file to write the figures to, as JSON")
    arguments = parser.parse_args()
    folder: Path = arguments.dir.resolve()

    reviews = max(1, arguments.megabytes * 1_000_000 // _BYTES_PER_REVIEW)
    print(f"Preparing {reviews:,} reviews …", flush=True)
    data = disk.prepare(folder / f"data-{reviews}", reviews)
    package = form_jobs.Package(folder / "form-scripts")
    speeds = []
    for form in forms.FORMS:
        print(f"{form.name} …", flush=True)
        speeds.append(measured(form, data, folder / "forms", package))
    print(table(speeds))
    if arguments.report:
        report = [asdict(speed) for speed in speeds]
        arguments.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except LostRecordsError as error:
        sys.exit(f"bench: {error}")
