"""The server's process and its certificate. "Flags", FerretDB v1 documentation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_shared.certificate import certificate_files
from local_shared.serving import Served, listens

DATABASE = "shop"
"""Name of the database, and of its owner."""

_START_SECONDS = 30


class Server:
    """A server on a port of 127.0.0.1, without collections, or with those it had when it ran before."""

    def __init__(self, program: Path, state: Path, port: int) -> None:
        self._program = program
        self._state = state
        self._port = port
        self._process = Served("FerretDB", _START_SECONDS)

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        if not self._program.exists():
            raise SystemExit(f"FerretDB is not at {self._program}; npm run test:sources builds it.")
        self._start(password)
        try:
            self._process.wait(lambda: listens(self._port))
            yield
        finally:
            self._process.end()

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._process.has_ended

    def _start(self, password: str) -> None:
        data = self._state / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        command = [
            str(self._program),
            "--handler=sqlite",
            f"--sqlite-url=file:{data}/",
            f"--state-dir={self._state}",
            "--telemetry=disable",
            "--debug-addr=-",
            "--log-level=warn",
            # The logins of MongoDB's own, which this version has on request only.
            "--test-enable-new-auth",
            f"--setup-username={DATABASE}",
            f"--setup-database={DATABASE}",
            "--listen-addr=",
            f"--listen-tls=127.0.0.1:{self._port}",
            *(f"--listen-tls-{name}-file={file}" for name, file in certificate_files(self._state).items()),
        ]
        # Not on the command line, which every user of the machine can read.
        self._process.start(command, self._state, {**os.environ, "FERRETDB_SETUP_PASSWORD": password})
