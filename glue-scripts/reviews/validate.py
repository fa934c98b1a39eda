"""Shows what the pipeline would do with a file, without running it: `python -m reviews.validate PATH`.

The code of register-files (Node.js) examines the file's form, and the kernel validates its records.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reviews import contracts, manifest, outcomes
from reviews.clean import job
from reviews.errors import JobError
from reviews.executors import InProcess

_TOP = Path(__file__).parents[2]
_EXAMINE = "lib/functions/register-files/examine-path.ts"
_NAME = "file"


def validate(path: Path, source: str | None = None, now: datetime | None = None) -> dict[str, Any]:
    """The result of one file: status, source, counts; per reason the number of records and the first one.

    `source`: the contract to use, as a folder of the raw bucket would name it; None: it is recognised.
    `now`: the assumed arrival time of the file (UTC); later times count as in the future.

    Raises:
        JobError: there is no such contract, or the file cannot be examined here.
    """
    if source is not None:
        contracts.load(source)
    key = f"reviews/{source}/{path.name}" if source is not None else f"reviews/{path.name}"
    verdict = examined(path, key)
    if "ending" in verdict:
        return {"path": str(path), "source": None, **verdict["ending"]}
    form = verdict["form"]
    with tempfile.TemporaryDirectory(prefix="validate-") as folder:
        batch = manifest_of(path, key, form, Path(folder), now or datetime.now(UTC))
        outcome = job.run(batch, InProcess())[0]
    return {"path": str(path), **form, **figures_of(outcome)}


def examined(path: Path, key: str) -> dict[str, Any]:
    """The result of register-files for the file: its form, or its final status.

    Raises:
        JobError: the packages of the checkout are missing, or the file cannot be examined.
    """
    node = _TOP / "node_modules" / ".bin" / "node"
    if not node.exists():
        raise JobError(f"{node} is missing: validate needs a checkout with its packages installed (npm ci)")
    asked = json.dumps([{"path": str(path.resolve(strict=True)), "key": key}])
    command = [str(node), "--import", "tsx", _EXAMINE]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, cwd=_TOP)  # noqa: S603
    if answer.returncode != 0:
        raise JobError(f"{path.name} could not be examined: {answer.stderr.strip().splitlines()[-1:]}")
    [verdict] = json.loads(answer.stdout)
    return dict(verdict)


def manifest_of(path: Path, key: str, form: dict[str, Any], folder: Path, now: datetime) -> manifest.Manifest:
    """A batch of one file, with its work area and tables in a local folder."""
    return manifest.parse(
        {
            "manifestVersion": 1,
            "batchId": "validate",
            "ingestDate": f"{now:%Y-%m-%d}",
            "ingestedAt": now.isoformat(),
            "workUri": f"{folder}/work",
            "tablesUri": f"{folder}/tables",
            "files": [
                {
                    "fileId": _NAME,
                    "key": key,
                    "uri": str(path.resolve()),
                    "sizeBytes": path.stat().st_size,
                    **form,
                }
            ],
        }
    )


def figures_of(outcome: outcomes.FileOutcome) -> dict[str, Any]:
    """Status, counts, and the first record of each reason."""
    found = {
        "status": outcomes.status(outcome),
        "recordsRead": outcome.read,
        "published": outcome.published,
        "duplicates": outcome.duplicates,
        "deleted": outcome.deleted,
        "rejected": {
            reason: {"records": count, "first": outcome.first_rejected[reason].record}
            | ({} if (said := outcome.first_rejected[reason].detail) is None else {"detail": said})
            for reason, count in outcome.rejected.items()
        },
    }
    return found if outcome.failure is None else found | {"failure": outcome.failure}


def main() -> None:
    """Prints the result as JSON; exits with 1 if the file would not be published, and with 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m reviews.validate", description=__doc__)
    parser.add_argument("path", type=Path, help="a file of reviews")
    parser.add_argument("--source", help="the contract to read it by (default: recognised)")
    arguments = parser.parse_args()
    try:
        verdict = validate(arguments.path, arguments.source)
    except (JobError, OSError) as error:
        print(f"validate failed: {error}", file=sys.stderr)
        sys.exit(2)
    print(json.dumps(verdict, indent=2))
    sys.exit(0 if verdict["status"] == "PUBLISHED" else 1)


if __name__ == "__main__":
    main()
