"""Finds a reviewer's records in local files, and rewrites the files without them:
`python -m reviews.erasure`.

Reads JSON from standard input: `reviewer`, and `files`, each with `path`, `key`, `form` (from register-files)
and, if the file must be rewritten, `target`. Writes one line with a JSON object per file, in the same order.
No answer, error or command line contains the reviewer or any part of a record.
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
    """What was found in one file; `refusal` if the file could not be read or rewritten."""
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
            # The error's text may quote a record.
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
    """Prints one answer per file."""
    asked = json.load(sys.stdin)
    for file in asked["files"]:
        print(json.dumps(answer(asked["reviewer"], file)), flush=True)


if __name__ == "__main__":
    main()
