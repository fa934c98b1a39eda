"""Ending processes with everything they started, also what is in another process group, as tasks are."""

import contextlib
import os
from collections.abc import Iterable

import psutil  # type: ignore[import-untyped]


def kill_own() -> None:
    """Kill this process and everything below it."""
    this = psutil.Process()
    _kill(this.children(recursive=True))
    os._exit(1)


def end(pids: Iterable[int], grace_seconds: float) -> None:
    """Ask processes to end; after the grace, kill those that have not, and whatever they have left behind."""
    tops = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    below = [child for top in tops for child in top.children(recursive=True)]
    for top in tops:
        with contextlib.suppress(psutil.NoSuchProcess):
            top.terminate()
    _, left = psutil.wait_procs(tops, grace_seconds)
    _kill([*left, *below])


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
