"""Measures the Glue jobs on a million made-up reviews, beside DuckDB and plain PySpark on the same files.

    python test/bench/bench.py [--reviews 1000000] [--dir DIR] [--report FILE] [--driver-memory 2g]

The jobs run both ways, on one machine and in Spark's tasks on two cores; DuckDB does the same work with two
threads, plain PySpark a part of it. The jobs and DuckDB must find what the generator put into the files
and publish
the same rows; only then are the figures printed. The aims are reported and not enforced: on a busy
machine times double.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "local/samples"))

import agreement  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
import reviews_on_disk as disk  # noqa: E402

JOBS = ("clean", "flatten")
SMALL, LARGE = "one machine", "Spark's tasks"
PATHS = {SMALL: 1 << 50, LARGE: 0}
"""How a batch runs → --small-batch-bytes, by which it is chosen."""
_STARTUP_REVIEWS = 10


class DisagreementError(Exception):
    """The jobs, DuckDB and the generator do not all speak of the same records."""


def run_jobs(data: disk.DataSet, folder: Path, path: str, memory: str) -> dict[str, measure.Usage]:
    """Runs both jobs on a fresh batch of the data set in `folder`, by one of `PATHS`; job → what it took."""
    shutil.rmtree(folder, ignore_errors=True)
    manifest = disk.write_manifest(folder, data.files)
    usages = {}
    for job in JOBS:
        script = [str(ROOT / f"glue-scripts/{job}_reviews.py"), "--manifest", str(manifest)]
        script += ["--small-batch-bytes", str(PATHS[path])]
        command = [sys.executable, *script] if PATHS[path] else [*_spark_submit(folder, memory), *script]
        usages[job] = _run(command, folder / f"{job}.log")
    outcome = json.loads(next(folder.glob("work/batch=*/outcome.json")).read_text())
    found = {
        "published": sum(file["published"] for file in outcome["files"]),
        "duplicates": sum(file["duplicates"] for file in outcome["files"]),
        "rejected": sum(sum(file["rejected"].values()) for file in outcome["files"]),
    }
    _expect("the jobs", found, data.figures)
    return usages


def _slug(path: str) -> str:
    return "large" if PATHS[path] == 0 else "small"


def run_plain_pyspark(data: disk.DataSet, folder: Path, memory: str) -> measure.Usage:
    """Runs the plain PySpark job on the same files."""
    script = [str(Path(__file__).with_name("plain_pyspark.py")), "--out", str(folder / "plain")]
    command = [*_spark_submit(folder, memory), *script, *map(str, data.files)]
    return _run(command, folder / "plain.log")


def _spark_submit(folder: Path, memory: str) -> list[str]:
    return [
        *(str(Path(sys.executable).parent / "spark-submit"), "--master", "local[2]"),
        *("--driver-memory", memory, "--conf", "spark.ui.enabled=false"),
        *("--conf", f"spark.local.dir={folder / 'spill'}"),
    ]


def _run(command: list[str], log: Path) -> measure.Usage:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT / "glue-scripts"),
        # Both sides' temporary files go where the data is, and with it.
        "TMPDIR": str(log.parent),
    }
    usage, _ = measure.run(command, environment, log)
    return usage


def run_duckdb(data: disk.DataSet, folder: Path, memory: str) -> tuple[measure.Usage, dict[str, float]]:
    """Runs the reference on the manifest that the jobs had; what it took in all, and wall seconds by step."""
    out = folder / "duckdb"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    script = Path(__file__).with_name("duckdb_reference.py")
    arguments = ["--manifest", str(folder / "manifest.json"), "--out", str(out), "--memory", memory]
    usage, output = measure.run([sys.executable, str(script), *arguments], {}, folder / "duckdb.log")
    found = json.loads(output)
    _expect("DuckDB", found, data.figures)
    steps: dict[str, float] = found["seconds"]
    return usage, steps


def _expect(who: str, found: dict[str, int], figures: disk.Figures) -> None:
    for name in ("published", "duplicates", "rejected"):
        expected = getattr(figures, name)
        if found[name] != expected:
            raise DisagreementError(f"{who} found {found[name]:,} {name}; the files hold {expected:,}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the Glue jobs beside DuckDB on made-up reviews.")
    parser.add_argument(
        "--reviews", type=int, default=1_000_000, help="records (default: 1000000, about 1.1 GB)"
    )
    parser.add_argument(
        "--dir", type=Path, default=ROOT / ".local/bench", help="folder for data, work and tables"
    )
    parser.add_argument(
        "--alone", action="store_true", help="only the jobs on one machine, for sizes that others do not bear"
    )
    parser.add_argument("--report", type=Path, help="file to write the figures to, as JSON")
    parser.add_argument("--driver-memory", default="2g", help="heap of a job's driver (default: 2g)")
    parser.add_argument("--duckdb-memory", default="2500MB", help="memory limit of DuckDB (default: 2500MB)")
    arguments = parser.parse_args()
    folder: Path = arguments.dir.resolve()

    print(f"Preparing {arguments.reviews:,} reviews …", flush=True)
    data = disk.prepare(folder / f"data-{arguments.reviews}", arguments.reviews)
    if arguments.alone:
        print("Running the jobs …", flush=True)
        usages = run_jobs(data, folder / "run-alone", SMALL, arguments.driver_memory)
        print(report.jobs_table(data.figures, usages))
        return
    few = disk.prepare(folder / f"data-{_STARTUP_REVIEWS}", _STARTUP_REVIEWS, files=1)
    memory = arguments.driver_memory
    paths = {}
    for path in PATHS:
        print(f"Running the jobs ({path}) …", flush=True)
        paths[path] = run_jobs(data, folder / f"run-{_slug(path)}", path, memory)
    print("Running DuckDB …", flush=True)
    duckdb, steps = run_duckdb(data, folder / f"run-{_slug(SMALL)}", arguments.duckdb_memory)
    print("Comparing what they published …", flush=True)
    for path in PATHS:
        published = folder / f"run-{_slug(path)}" / "tables"
        if different := agreement.differences(
            ROOT / "contracts", published, folder / f"run-{_slug(SMALL)}" / "duckdb"
        ):
            raise DisagreementError(f"the published tables differ ({path}): " + "; ".join(different))
    print("Running plain PySpark …", flush=True)
    plain = run_plain_pyspark(data, folder / f"run-{_slug(LARGE)}", memory)
    startup = run_jobs(few, folder / "startup", SMALL, memory)

    results = report.Results(data.figures, paths, duckdb, steps, plain, startup)
    print(report.table(results))
    if arguments.report:
        arguments.report.write_text(json.dumps(report.document(results), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except (DisagreementError, measure.CommandError) as error:
        sys.exit(f"bench: {error}")
