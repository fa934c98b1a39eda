"""The server's process and its certificate. "Flags", FerretDB v1 documentation."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from local_shared.serving import end

DATABASE = "shop"
"""Name of the database, and of its owner."""

_START_SECONDS = 30


class Server:
    """A server on a port of 127.0.0.1, without collections, or with those it had when it ran before."""

    def __init__(self, program: Path, state: Path, port: int) -> None:
        self._program = program
        self._state = state
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        if not self._program.exists():
            raise SystemExit(f"FerretDB is not at {self._program}; npm run test:sources builds it.")
        self._start(password)
        try:
            self._wait()
            yield
        finally:
            end(self._process)

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def _start(self, password: str) -> None:
        data = self._state / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(  # noqa: S603 (a program that the set-up built)
            [
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
                *self._by_tls(),
            ],
            # Not on the command line, which every user of the machine can read.
            env={**os.environ, "FERRETDB_SETUP_PASSWORD": password},
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own standard output is for our parent
            cwd=self._state,
            start_new_session=True,
        )

    def _by_tls(self) -> list[str]:
        """Options for a new certificate of this machine; its authority is written to a file."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._state / "authority.pem"))
        files = {name: self._state / f"{name}.pem" for name in ("cert", "key")}
        issued = authority.issue_cert("127.0.0.1", "localhost")
        files["key"].touch(mode=0o600)
        issued.private_key_pem.write_to_path(str(files["key"]))
        issued.cert_chain_pems[0].write_to_path(str(files["cert"]))
        return [
            "--listen-addr=",
            f"--listen-tls=127.0.0.1:{self._port}",
            *(f"--listen-tls-{name}-file={file}" for name, file in files.items()),
        ]

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit("FerretDB did not start; it says why above.")
            time.sleep(0.05)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=_START_SECONDS).close()
        except OSError:
            return False
        return True
