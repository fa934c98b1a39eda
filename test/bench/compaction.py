"""Measures a compaction whose files have the size that they have in an account: 128 to 256 MB.

    python test/bench/compaction.py [--megabytes 400] [--batches 720] [--dir DIR]

Small batches of one day are written to disk, then compacted by the job's own script. Their texts hardly
compress, so that fewer rows make a file of that size; a row of real reviews takes less.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "glue-scripts"), str(ROOT / "test/glue")]

import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from measure import run  # noqa: E402
from published_batches import DAY, SCHEMAS, Lake, batch_id  # noqa: E402
from reviews.compact.merge import MAXIMUM_BYTES, SMALL_BYTES  # noqa: E402

_TEXT_BYTES = 700
_TIME = datetime(2026, 11, 21, tzinfo=UTC)


def written(lake: Lake, batches: int, megabytes: int) -> int:
    """Publishes the batches; returns how many rows they have in all."""
    # Hexadecimal digits: half of a text's bytes are left once it is compressed.
    rows = megabytes * 1_000_000 * 2 // _TEXT_BYTES // batches
    for number in range(batches):
        one = batch_id(number)
        lake.write(lake.folder("reviews", one) / "part-00000.parquet", _reviews(number, rows))
        lake.tell(one, {"reviews": rows})
    return rows * batches


def _reviews(number: int, rows: int) -> pa.Table:
    digits = os.urandom(rows * _TEXT_BYTES // 2).hex()
    made = {
        "review_key": pa.array([f"{number:032x}{row:032x}" for row in range(rows)]),
        "product_id": pa.array([f"p{row % 50}" for row in range(rows)]),
        "body": pa.array([digits[row * _TEXT_BYTES : (row + 1) * _TEXT_BYTES] for row in range(rows)]),
        "rating": pa.array([1.0 + row % 5 for row in range(rows)]),
        "record_number": pa.array(range(1, rows + 1), pa.int64()),
    }
    defaults = {pa.string(): "native", pa.timestamp("us", tz="UTC"): _TIME}
    columns = [
        made[field.name].cast(field.type)
        if field.name in made
        else pa.nulls(rows, field.type)
        if field.nullable and field.name == "original_batch_id"
        else pa.repeat(pa.scalar(defaults.get(field.type), field.type), rows)
        for field in SCHEMAS["reviews"]
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMAS["reviews"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=400, help="of reviews.parquet in all")
    parser.add_argument("--batches", type=int, default=720, help="small batches of the day")
    parser.add_argument("--dir", type=Path, help="folder for the files (default: one that goes afterwards)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-compaction-", dir=arguments.dir) as name:
        folder = Path(name)
        lake = Lake(folder)
        rows = written(lake, arguments.batches, arguments.megabytes)
        before = lake.files("reviews")
        size = sum(path.stat().st_size for path in before)
        print(
            f"{len(before)} files of {size / 1e6:.0f} MB in all, {rows:,} rows, are compacted …", flush=True
        )
        report = folder / "report.json"
        usage, _ = run(
            [
                sys.executable,
                str(ROOT / "glue-scripts/compact_tables.py"),
                *("--tables", lake.uri, "--report", str(report)),
                *("--minimum-batches", "2", "--grace-hours", "20", "--days", "all"),
            ],
            {},
            folder / "compaction.log",
        )
        after = [path for path in lake.files("reviews") if "-compacted" in str(path)]
        _judge(after, rows)
        print(f"{'file':<20}{'MB':>8}{'rows':>12}")
        for path in after:
            print(f"{path.name:<20}{path.stat().st_size / 1e6:>8.1f}{pq.read_metadata(path).num_rows:>12,}")
        (done,) = json.loads(report.read_text())["compactions"]
        print(
            f"{done['batches']} batches of {DAY} in {usage.seconds:.1f} s, {usage.cpu_seconds:.1f} CPU s, "
            f"{usage.peak_bytes / 1e6:.0f} MB of memory"
        )


def _judge(after: list[Path], rows: int) -> None:
    """Raises SystemExit if rows are missing, or a file is not of the size that external tables read best."""
    kept = sum(pq.read_metadata(path).num_rows for path in after)
    if kept != rows:
        raise SystemExit(f"{rows:,} rows became {kept:,}")
    for path in after:
        if not SMALL_BYTES <= path.stat().st_size <= MAXIMUM_BYTES:
            raise SystemExit(f"{path.name}: {path.stat().st_size:,} bytes are not within 128 to 256 MB")
    keys = pa.concat_tables([pq.read_table(path, columns=["review_key"]) for path in after])
    if pc.count_distinct(keys["review_key"]).as_py() != rows:
        raise SystemExit("some row is there twice")


if __name__ == "__main__":
    main()
