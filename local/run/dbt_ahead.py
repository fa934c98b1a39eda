"""dbt started ahead: it reads its modules, parses the project, and builds once told where Snowflake is.

On its standard input it takes one line of JSON, ``{"environment": {...}, "arguments": [...]}``: variables
for the profile and the rest of dbt's command line. Where that line never comes, it ends.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys

from dbt.cli.main import dbtRunner, dbtRunnerResult


def main() -> None:
    """Parse, wait, build; exits as dbt does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project-dir", required=True)
    parser.add_argument("--parsed", required=True, help="folder that keeps the parsed project between runs")
    parser.add_argument("--vars", required=True)
    options = parser.parse_args()
    project = ["--project-dir", options.project_dir, "--profiles-dir", options.project_dir]
    common = [*project, "--vars", options.vars, "--no-use-colors"]

    # dbt makes hundreds of thousands of objects that stay: looking through them over and over frees nothing.
    gc.set_threshold(50_000)

    # dbt itself checks whether what is kept still holds; nothing of this run's Snowflake is part of it.
    kept = ["--target-path", options.parsed, "--log-path", options.parsed, "--no-write-json"]
    parsed = dbtRunner().invoke(["--quiet", "parse", *common, *kept])
    _exit_if_broken(parsed)

    line = sys.stdin.readline()
    if not line:
        return
    asked = json.loads(line)
    os.environ.update(asked["environment"])
    built = dbtRunner(manifest=parsed.result).invoke([*asked["arguments"], *common])
    _exit_if_broken(built)
    sys.exit(0 if built.success else 1)


def _exit_if_broken(outcome: dbtRunnerResult) -> None:
    if outcome.exception is not None:
        sys.exit(f"dbt: {outcome.exception}")


if __name__ == "__main__":
    main()
