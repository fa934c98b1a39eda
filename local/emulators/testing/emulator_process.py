"""Starting emulators for tests: their own, and those of dbt and of the DAG. Plain Python, for the environment
of each."""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
REGION = "us-east-1"

_EMULATORS = ROOT / "local" / "emulators"
# Where each component's Python environment is, unless the name's variable says otherwise.
_ENVIRONMENTS = ROOT / ".local" / "env"


def eventually[T](probe: Callable[[], T | None], seconds: float = 10) -> T:
    """Call the probe until it returns something true; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_of(component: str) -> Path:
    """The interpreter of a component's environment; `PYTHON_<NAME>` names another one."""
    given = os.environ.get(f"PYTHON_{component.upper()}")
    return Path(given) if given else _ENVIRONMENTS / component / "bin" / "python"


def command(component: str, state: Path, *options: str) -> list[str]:
    """The command line of an emulator on a free port; `component`: its folder in local/emulators."""
    place = ("--port", str(free_port()), "--state", str(state))
    return [str(python_of(component)), "-m", f"local_{component}", *place, *options]


def environment(component: str) -> dict[str, str]:
    """The environment variables of an emulator."""
    packages = (str(_EMULATORS / folder) for folder in (component, "shared"))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(packages)}


@dataclass
class Server:
    """A started emulator that has said where it listens."""

    process: subprocess.Popen[bytes]
    endpoint: str
    state: Path

    @classmethod
    def start(cls, component: str, state: Path, *options: str) -> Server:
        """Start an emulator and wait for its ready line."""
        log_file = state / "server.log"
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                command(component, state, *options),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(component),
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log_file.read_text()
        return cls(process, json.loads(line)["endpoint"], state)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.endpoint.rpartition(":")[2])

    def stop(self) -> int:
        """End the server as its orchestrator does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)
