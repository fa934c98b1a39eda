"""Finds a reviewer's records in files of this machine, and writes the files again without them:
`python -m reviews.erasure`.

Takes JSON on standard input: `reviewer`, and `files`, each with `path`, `key`, `form` (as register-files
tells it) and, where the file is to be written again, `target`. Answers with one JSON object per file, a line
each, in their order. Neither the reviewer nor anything of a record is in an answer, an error or the command
line.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reviews import contracts, validate
from reviews.clean.cleaner import described
from reviews.erasure import rewriting
from reviews.erasure.search import search
from reviews.errors import JobError
from reviews.splitter import task


def answer(reviewer: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What was found in one file; `refusal` where it could not be read, or not be written again."""
    path = Path(asked["path"])
    with tempfile.TemporaryDirectory(prefix="erasure-") as folder:
        batch = validate.manifest_of(path, asked["key"], asked["form"], Path(folder), datetime.now(UTC))
        [file] = batch.files
        try:
            found = search(file, reviewer)
            if found.own and "target" in asked:
                wanted = task.request(file, contracts.load(file.source))
                rewriting.rewrite(wanted, path, set(found.own), Path(asked["target"]), Path(folder))
        except JobError as error:
            return {"refusal": str(error)}
        except Exception as error:
            # Its text may quote a record.
            return {"refusal": f"the script failed: {described(error)}"}
    return {
        "records": found.records,
        "own": len(found.own),
        "damaged": found.damaged,
        "unread": found.unread,
        "others": found.others,
        "digest": found.digest,
    }


def main() -> None:
    """Answers file by file."""
    asked = json.load(sys.stdin)
    for file in asked["files"]:
        print(json.dumps(answer(asked["reviewer"], file)), flush=True)


if __name__ == "__main__":
    main()
