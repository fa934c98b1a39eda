"""The local AWS and the local Snowflake, started for the tests."""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Where each component's Python environment is, unless the name's variable says otherwise.
_ENVIRONMENTS = ROOT / ".local" / "env"


def python_of(environment: str) -> Path:
    """The interpreter of a component's environment; `PYTHON_<NAME>` names another one."""
    given = os.environ.get(f"PYTHON_{environment.upper()}")
    return Path(given) if given else _ENVIRONMENTS / environment / "bin" / "python"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A started process that has said where it listens."""

    process: subprocess.Popen[bytes]
    endpoint: str
    state: Path

    @classmethod
    def start(cls, environment: str, module: str, state: Path, *options: str) -> Server:
        """Starts `module` of local/emulators/<environment> on a free port and waits for its ready line."""
        command = [
            str(python_of(environment)),
            "-m",
            module,
            "--port",
            str(_free_port()),
            "--state",
            str(state),
        ]
        with (state / "server.log").open("wb") as log:
            packages = [ROOT / "local" / "emulators" / folder for folder in (environment, "shared")]
            process = subprocess.Popen(
                [*command, "--state", str(state), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, packages))},
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (state / "server.log").read_text()
        return cls(process, json.loads(line)["endpoint"], state)

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def stop(self) -> None:
        """Ends the process as its orchestrator does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
