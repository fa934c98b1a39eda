"""What the servers of databases have in common: how they say that they serve, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable

from local_shared import lifeline

_CHECK_SECONDS = 0.5
_STOP_SECONDS = 15


def reason_to_end() -> threading.Event:
    """Is set by a signal, or when the parent is gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    lifeline.watch(stop.set)
    return stop


def serve(name: str, endpoint: str, has_ended: Callable[[], bool], stop: threading.Event) -> None:
    """Print the line that says where the server is, and return when there is a reason to end.

    has_ended: whether the server has ended by itself, which ends this process with a sentence.
    """
    print(json.dumps({"ready": True, "endpoint": endpoint, "pid": os.getpid()}), flush=True)
    while not stop.wait(_CHECK_SECONDS):
        if has_ended():
            raise SystemExit(f"{name} has ended by itself; it says why above.")


def end(process: subprocess.Popen[bytes] | None) -> None:
    """A clean shutdown; an abrupt end if that takes too long."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
