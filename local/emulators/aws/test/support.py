"""Starting and watching local AWS processes."""
# ruff: noqa: S607 (`ps` is found by the path)

import subprocess
from pathlib import Path

import emulator_process
from emulator_process import ROOT, Server, python_of

_GLUE = (
    *("--glue-python", str(python_of("glue")), "--spark-jars", str(ROOT / ".local" / "spark-jars")),
    *("--spark-memory", "1g"),
)


def command(state: Path, *options: str) -> list[str]:
    """The command line of a local AWS on a free port."""
    return emulator_process.command("aws", state, *_GLUE, *options)


def start_aws(state: Path, *options: str) -> Server:
    """Start a local AWS and wait for its ready line."""
    return Server.start("aws", state, *_GLUE, *options)


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
