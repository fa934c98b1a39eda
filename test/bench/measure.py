"""Runs a command to its end and tells what it took: wall time, CPU time and memory, its children included."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Usage:
    """What a command took: wall and CPU seconds, peak bytes of its process tree."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int

    def __add__(self, next_one: "Usage") -> "Usage":
        """Both commands, one after the other."""
        return Usage(
            self.seconds + next_one.seconds,
            self.cpu_seconds + next_one.cpu_seconds,
            max(self.peak_bytes, next_one.peak_bytes),
        )


class CommandError(Exception):
    """A command ended with another status than 0."""


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> tuple[Usage, str]:
    """What the command took, and its standard output; standard error goes to the file `log`.

    Raises:
        CommandError: the command failed; the message names the log.
    """
    output = log.with_suffix(".out")
    with log.open("wb") as errors, output.open("wb") as out:
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=errors)  # noqa: S603
        peak = 0
        # wait4 tells the CPU time of the command and of all children that it waited for.
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            peak = max(peak, _memory_bytes(process.pid))
            time.sleep(_SAMPLE_SECONDS)
        seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode != 0:
        raise CommandError(
            f"{' '.join(command)} ended with status {process.returncode}; see {log} and {output}"
        )
    usage = Usage(seconds, ended[2].ru_utime + ended[2].ru_stime, peak)
    return usage, output.read_text(encoding="utf-8")


def _memory_bytes(pid: int) -> int:
    """What the process and all it started hold; what several share counts once (Linux's PSS)."""
    try:
        root = psutil.Process(pid)
        return sum(_own_bytes(process) for process in (root, *root.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _own_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, PermissionError):
        return 0
