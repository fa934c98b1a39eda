"""The SQL that the kernel makes of the contract of the pipeline's own format, in a file that people can read.

    PYTHONPATH=glue-scripts .local/env/glue/bin/python test/glue/golden_sql.py

writes the file again after a change of the kernel or of the contract, so that the change shows its SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from reviews import contracts
from reviews.kernel import mapping

FILE = Path(__file__).parent / "golden" / "native-clean.sql"
COMMAND = f"PYTHONPATH=glue-scripts .local/env/glue/bin/python test/glue/{Path(__file__).name}"


def generated() -> str:
    """The statement of the clean job for the source `native`, for a batch of a fixed time."""
    query = mapping.query(contracts.load("native"), datetime(2026, 1, 1, tzinfo=UTC))
    return f"-- Generated: {COMMAND}\n{query}"


if __name__ == "__main__":
    FILE.write_text(generated(), encoding="utf-8")
