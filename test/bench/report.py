"""The bench's figures, as a table for people and as JSON for programs."""

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from measure import Usage
from reviews_on_disk import Figures

# The aims of both jobs together on two cores, with every rule in force.
AIM_SECONDS = 65.0
AIM_PEAK_BYTES = 3_000_000_000
AIM_RATIO = 5.5

_WIDTH = 88


@dataclass(frozen=True)
class Results:
    """What was measured: the data, each job, DuckDB and its steps (wall seconds), each job on ten reviews."""

    figures: Figures
    jobs: dict[str, Usage]
    duckdb: Usage
    duckdb_steps: dict[str, float]
    startup: dict[str, Usage]

    @property
    def both(self) -> Usage:
        """Both jobs, one after the other."""
        return reduce(add, self.jobs.values())

    @property
    def ratio(self) -> float:
        """Wall time of both jobs by that of DuckDB."""
        return self.both.seconds / self.duckdb.seconds


def table(results: Results) -> str:
    """The figures for a terminal."""
    figures = results.figures
    rows = [*results.jobs.items(), ("both jobs", results.both), ("DuckDB", results.duckdb)]
    steps = ", ".join(f"{step} {seconds} s" for step, seconds in results.duckdb_steps.items())
    startup = ", ".join(f"{job} {usage.seconds:.1f} s" for job, usage in results.startup.items())
    both = results.both
    return "\n".join(
        [
            "",
            f"{figures.records:,} reviews, {figures.bytes / 1e6:,.0f} MB JSON Lines: "
            f"{figures.published:,} published, {figures.duplicates:,} duplicates, "
            f"{figures.rejected:,} rejected",
            "─" * _WIDTH,
            f"{'':<12}{'wall s':>12}{'CPU s':>12}{'peak GB':>12}{'reviews/s':>16}{'MB/s':>12}",
            *(_row(name, usage, figures) for name, usage in rows),
            "─" * _WIDTH,
            f"{'':<28}{'measured':>12}{'aim':>12}",
            _aim("both jobs, wall s", both.seconds, AIM_SECONDS),
            _aim("both jobs, peak GB", both.peak_bytes / 1e9, AIM_PEAK_BYTES / 1e9),
            _aim("both jobs : DuckDB, wall", results.ratio, AIM_RATIO),
            f"{'both jobs : DuckDB, CPU':<28}{both.cpu_seconds / results.duckdb.cpu_seconds:>12.1f}",
            "─" * _WIDTH,
            f"DuckDB's steps: {steps}",
            f"Start-up, a file of ten reviews: {startup}",
            "The published tables of both hold the same rows.",
        ]
    )


def document(results: Results) -> dict[str, Any]:
    """The figures as JSON: seconds, bytes, and rates by second of wall time."""
    figures = results.figures
    return {
        "input": vars(figures),
        "jobs": {job: _figures(usage, figures) for job, usage in results.jobs.items()},
        "both": _figures(results.both, figures),
        "duckdb": _figures(results.duckdb, figures) | {"steps": results.duckdb_steps},
        "ratio": round(results.ratio, 2),
        "aims": {"seconds": AIM_SECONDS, "peakBytes": AIM_PEAK_BYTES, "ratio": AIM_RATIO},
        "startup": {job: round(usage.seconds, 1) for job, usage in results.startup.items()},
    }


def _row(name: str, usage: Usage, figures: Figures) -> str:
    return (
        f"{name:<12}{usage.seconds:>12.1f}{usage.cpu_seconds:>12.1f}{usage.peak_bytes / 1e9:>12.2f}"
        f"{figures.records / usage.seconds:>16,.0f}{figures.bytes / 1e6 / usage.seconds:>12.1f}"
    )


def _aim(name: str, measured: float, aim: float) -> str:
    return (
        f"{name:<28}{measured:>12.1f}{'≤ ' + format(aim, 'g'):>12}  {'met' if measured <= aim else 'missed'}"
    )


def _figures(usage: Usage, figures: Figures) -> dict[str, float]:
    return {
        "seconds": round(usage.seconds, 2),
        "cpuSeconds": round(usage.cpu_seconds, 2),
        "peakBytes": usage.peak_bytes,
        "reviewsPerSecond": round(figures.records / usage.seconds),
        "megabytesPerSecond": round(figures.bytes / 1e6 / usage.seconds, 1),
    }
