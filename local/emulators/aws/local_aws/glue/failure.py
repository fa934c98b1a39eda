"""The error message of a failed run."""

import signal
from pathlib import Path

_LIMIT = 2000


def message(exit_status: int, error_file: Path) -> str:
    """Say why the process ended: the signal that killed it, else what job_main noted of the script's end."""
    if exit_status < 0:
        return (
            f"The job's process was killed by {signal.Signals(-exit_status).name} (exit status {exit_status})"
        )
    if not error_file.exists():
        return f"The job's process ended with exit status {exit_status} and no exception"
    text = error_file.read_text()
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"
