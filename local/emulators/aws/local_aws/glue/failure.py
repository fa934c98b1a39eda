"""The error message of a failed run, from its log."""

import re
import signal
from pathlib import Path

_LIMIT = 2000
_TAIL_BYTES = 200_000
_TRACEBACK = "Traceback (most recent call last):"
_NOISE = re.compile(r"^(\s|\d\d:\d\d:\d\d (WARN|INFO)|WARNING|at |\.\.\. \d+ more|JVM stacktrace:)")


def message(exit_status: int, log: Path) -> str:
    """Say why the process ended: the signal that killed it, else the last error it printed."""
    if exit_status < 0:
        return (
            f"The job's process was killed by {signal.Signals(-exit_status).name} (exit status {exit_status})"
        )
    return (
        last_error(_tail(log))
        or f"The job's process ended with exit status {exit_status} and printed no error"
    )


def last_error(text: str) -> str:
    """The exception at the end of the last traceback, else the last line that is not log noise."""
    _, found, after = text.rpartition(_TRACEBACK)
    lines = [line for line in after.splitlines() if line.strip()]
    if found:
        for number, line in enumerate(lines):
            if not line.startswith(" "):
                return _cut(_until_noise(lines[number:]))
    return _cut(next((line for line in reversed(lines) if not _NOISE.match(line)), ""))


def _until_noise(lines: list[str]) -> str:
    kept = [lines[0]]
    for line in lines[1:]:
        if _NOISE.match(line):
            break
        kept.append(line)
    return "\n".join(kept)


def _cut(text: str) -> str:
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
