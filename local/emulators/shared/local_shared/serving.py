"""What the servers have in common: their ports, how they say that they serve, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local_shared import lifeline

_CHECK_SECONDS = 0.5
_POLL_SECONDS = 0.05
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


class Served:
    """The process of a server, from its start to its end.

    name: as sentences have it. start_seconds: how long it may take until it is ready.
    """

    def __init__(self, name: str, start_seconds: float) -> None:
        self._name = name
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it in a folder; environment: its variables, else those of this process."""
        self._process = subprocess.Popen(  # noqa: S603 (a program that the set-up has fetched)
            list(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own standard output is for our parent
            cwd=folder,
            start_new_session=True,
        )

    def wait(self, is_ready: Callable[[], bool], what: str = "start") -> None:
        """Wait until it is ready. `what`: what it did not do if it has ended, or takes too long."""
        deadline = time.monotonic() + self._start_seconds
        while not is_ready():
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit(f"{self._name} did not {what}; it says why above.")
            time.sleep(_POLL_SECONDS)

    def end(self) -> None:
        """A clean shutdown; an abrupt end if that takes too long."""
        if self._process is not None:
            end(self._process, _STOP_SECONDS)


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """A clean shutdown of a process that may have ended; an abrupt end if that takes longer (seconds)."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    """Whether something takes connections at a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
