"""The bench's figures, as a table for people and as JSON for programs."""

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from measure import Usage
from reviews_on_disk import Figures

_WIDTH = 96
_HEAD = f"{'':<28}{'wall s':>12}{'CPU s':>12}{'peak GB':>12}{'reviews/s':>18}{'MB/s':>12}"


@dataclass(frozen=True)
class Aim:
    """What a figure should be at the most."""

    measure: str
    most: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.measured <= self.most


@dataclass(frozen=True)
class Results:
    """What was measured: the data; by path and job; DuckDB and its steps (wall seconds); plain PySpark;
    ten reviews."""

    figures: Figures
    paths: dict[str, dict[str, Usage]]
    duckdb: Usage
    duckdb_steps: dict[str, float]
    plain: Usage
    startup: dict[str, Usage]

    def both(self, path: str) -> Usage:
        """Both jobs, one after the other."""
        return reduce(add, self.paths[path].values())

    @property
    def aims(self) -> list[Aim]:
        """What the figures should be, with two cores."""
        small, large = (self.both(path) for path in self.paths)
        few = reduce(add, self.startup.values())
        return [
            Aim("one machine ÷ DuckDB, wall", 1.5, small.seconds / self.duckdb.seconds),
            Aim("one machine ÷ DuckDB, CPU", 1.8, small.cpu_seconds / self.duckdb.cpu_seconds),
            Aim("Spark's tasks ÷ DuckDB, wall", 2.5, large.seconds / self.duckdb.seconds),
            Aim("one machine ÷ plain PySpark, wall", 0.5, small.seconds / self.plain.seconds),
            Aim("Spark's tasks ÷ plain PySpark, wall", 0.5, large.seconds / self.plain.seconds),
            Aim("peak GB, one machine", 1.5, small.peak_bytes / 1e9),
            Aim("peak GB, Spark's tasks", 1.5, large.peak_bytes / 1e9),
            Aim("both jobs on ten reviews, s", 2.0, few.seconds),
        ]


def table(results: Results) -> str:
    """The figures for a terminal."""
    figures = results.figures
    rows = [
        (f"{path}: {name}", usage)
        for path, jobs in results.paths.items()
        for name, usage in [*jobs.items(), ("both", results.both(path))]
    ]
    rows += [("DuckDB, the same work", results.duckdb), ("plain PySpark, less work", results.plain)]
    steps = ", ".join(f"{step} {seconds} s" for step, seconds in results.duckdb_steps.items())
    return "\n".join(
        [
            "",
            f"{figures.records:,} reviews, {figures.bytes / 1e6:,.0f} MB JSON Lines: "
            f"{figures.published:,} published, {figures.duplicates:,} duplicates, "
            f"{figures.rejected:,} rejected",
            "─" * _WIDTH,
            _HEAD,
            *(_row(name, usage, figures) for name, usage in rows),
            "─" * _WIDTH,
            f"{'':<40}{'measured':>12}{'aim':>12}",
            *(_aim(aim) for aim in results.aims),
            "─" * _WIDTH,
            f"DuckDB's steps: {steps}",
            "The published tables of the jobs, both ways, and of DuckDB hold the same rows.",
            "CPU seconds in Spark's tasks are the driver's: it does not wait for its Python workers.",
        ]
    )


def jobs_table(figures: Figures, jobs: dict[str, Usage]) -> str:
    """The figures of the jobs alone."""
    rows = [*jobs.items(), ("both", reduce(add, jobs.values()))]
    return "\n".join(
        [
            "",
            f"{figures.records:,} reviews, {figures.bytes / 1e6:,.0f} MB JSON Lines",
            _HEAD,
            *(_row(name, usage, figures) for name, usage in rows),
        ]
    )


def document(results: Results) -> dict[str, Any]:
    """The figures as JSON: seconds, bytes, and rates by second of wall time."""
    figures = results.figures
    return {
        "input": vars(figures),
        "paths": {
            path: {
                **{job: _figures(usage, figures) for job, usage in jobs.items()},
                "both": _figures(results.both(path), figures),
            }
            for path, jobs in results.paths.items()
        },
        "duckdb": _figures(results.duckdb, figures) | {"steps": results.duckdb_steps},
        "plainPySpark": _figures(results.plain, figures),
        "tenReviews": {job: round(usage.seconds, 2) for job, usage in results.startup.items()},
        "aims": [
            {"measure": a.measure, "most": a.most, "measured": round(a.measured, 2), "met": a.met}
            for a in results.aims
        ],
    }


def _row(name: str, usage: Usage, figures: Figures) -> str:
    return (
        f"{name:<28}{usage.seconds:>12.1f}{usage.cpu_seconds:>12.1f}{usage.peak_bytes / 1e9:>12.2f}"
        f"{figures.records / usage.seconds:>18,.0f}{figures.bytes / 1e6 / usage.seconds:>12.1f}"
    )


def _aim(aim: Aim) -> str:
    most = f"≤ {aim.most:g}"
    return f"{aim.measure:<40}{aim.measured:>12.2f}{most:>12}  {'met' if aim.met else 'missed'}"


def _figures(usage: Usage, figures: Figures) -> dict[str, float]:
    return {
        "seconds": round(usage.seconds, 2),
        "cpuSeconds": round(usage.cpu_seconds, 2),
        "peakBytes": usage.peak_bytes,
        "reviewsPerSecond": round(figures.records / usage.seconds),
        "megabytesPerSecond": round(figures.bytes / 1e6 / usage.seconds, 1),
    }
