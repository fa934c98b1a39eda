"""Starting and watching local AWS processes."""
# ruff: noqa: S603, S607 (the tests start their own programs)

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[4]
REGION = "us-east-1"
_PACKAGES = [ROOT / "local" / "emulators" / folder for folder in ("aws", "shared")]
_GLUE_PYTHON = ROOT / ".local" / "env" / "glue" / "bin" / "python"
_SPARK_JARS = ROOT / ".local" / "spark-jars"


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


def command(state: Path, *options: str) -> list[str]:
    """The command line of a server on a free port."""
    return [
        *(sys.executable, "-m", "local_aws", "--port", str(free_port()), "--state", str(state)),
        *("--glue-python", str(_GLUE_PYTHON), "--spark-jars", str(_SPARK_JARS), "--spark-memory", "1g"),
        *options,
    ]


def environment() -> dict[str, str]:
    """The environment of a server."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _PACKAGES))}


@dataclass
class Server:
    """A started server."""

    process: subprocess.Popen[bytes]
    endpoint: str
    state: Path

    @classmethod
    def start(cls, state: Path, *options: str) -> "Server":
        """Start a server and wait for its ready line."""
        with (state / "server.log").open("wb") as log:
            process = subprocess.Popen(
                command(state, *options),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(),
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (state / "server.log").read_text()
        return cls(process, json.loads(line)["endpoint"], state)

    def stop(self) -> int:
        """End the server as its orchestrator does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


def descendants(pid: int) -> set[int]:
    """Ids of all processes that a process started, directly or not."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    children: dict[int, list[int]] = {}
    for line in table.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    pending = [pid]
    while pending:
        for child in children.get(pending.pop(), []):
            found.add(child)
            pending.append(child)
    return found


def running(pids: set[int]) -> set[int]:
    """Those of the processes that still run; a zombie does not."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    alive = {
        int(pid) for pid, stat in (line.split() for line in table.splitlines()) if not stat.startswith("Z")
    }
    return pids & alive
