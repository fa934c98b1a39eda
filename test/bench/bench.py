"""Measures the Glue jobs on a million made-up reviews, beside DuckDB doing the same work on the same files.

    python test/bench/bench.py [--reviews 1000000] [--dir DIR] [--report FILE] [--driver-memory 2g]

The jobs run as real spark-submit processes on two cores, DuckDB with two threads. Both must find what the
generator put into the files and publish the same rows; only then are the figures printed. The aims are
reported and not enforced: on a busy machine times double.
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
_STARTUP_REVIEWS = 10


class DisagreementError(Exception):
    """The jobs, DuckDB and the generator do not all speak of the same records."""


def run_jobs(data: disk.DataSet, folder: Path, memory: str) -> dict[str, measure.Usage]:
    """Runs both jobs on a fresh batch of the data set in `folder`; job → what it took."""
    shutil.rmtree(folder, ignore_errors=True)
    manifest = disk.write_manifest(folder, data.files)
    usages = {job: _run_job(job, manifest, folder, memory) for job in JOBS}
    outcome = json.loads(next(folder.glob("work/batch=*/outcome.json")).read_text())
    found = {
        "published": sum(file["published"] for file in outcome["files"]),
        "duplicates": sum(file["duplicates"] for file in outcome["files"]),
        "rejected": sum(sum(file["rejected"].values()) for file in outcome["files"]),
    }
    _expect("the jobs", found, data.figures)
    return usages


def _run_job(job: str, manifest: Path, folder: Path, memory: str) -> measure.Usage:
    binaries = Path(sys.executable).parent
    command = [
        *(str(binaries / "spark-submit"), "--master", "local[2]", "--driver-memory", memory),
        *("--conf", "spark.ui.enabled=false", "--conf", f"spark.local.dir={folder / 'spill'}"),
        *(str(ROOT / f"glue-scripts/{job}_reviews.py"), "--manifest", str(manifest)),
    ]
    path = f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"
    usage, _ = measure.run(command, {"PATH": path, "PYSPARK_PYTHON": sys.executable}, folder / f"{job}.log")
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
    parser.add_argument("--report", type=Path, help="file to write the figures to, as JSON")
    parser.add_argument("--driver-memory", default="2g", help="heap of a job's driver (default: 2g)")
    parser.add_argument("--duckdb-memory", default="2500MB", help="memory limit of DuckDB (default: 2500MB)")
    arguments = parser.parse_args()
    folder: Path = arguments.dir.resolve()

    print(f"Preparing {arguments.reviews:,} reviews …", flush=True)
    data = disk.prepare(folder / f"data-{arguments.reviews}", arguments.reviews)
    few = disk.prepare(folder / f"data-{_STARTUP_REVIEWS}", _STARTUP_REVIEWS, files=1)
    print("Running the jobs …", flush=True)
    jobs = run_jobs(data, folder / "run", arguments.driver_memory)
    print("Running DuckDB …", flush=True)
    duckdb, steps = run_duckdb(data, folder / "run", arguments.duckdb_memory)
    print("Comparing what they published …", flush=True)
    if different := agreement.differences(ROOT / "contracts", folder / "run/tables", folder / "run/duckdb"):
        raise DisagreementError("the published tables differ: " + "; ".join(different))
    startup = run_jobs(few, folder / "startup", arguments.driver_memory)

    results = report.Results(data.figures, jobs, duckdb, steps, startup)
    print(report.table(results))
    if arguments.report:
        arguments.report.write_text(json.dumps(report.document(results), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except (DisagreementError, measure.CommandError) as error:
        sys.exit(f"bench: {error}")
