"""The server's files and its process. "mariadb-install-db" and "Server System Variables", MariaDB
documentation."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_shared.certificate import certificate_files
from local_shared.serving import Served

from local_mariadb.programs import SERVER

DATABASE = "shop"
"""Name of the database, and of its owner."""

_TABLES = ("mariadb_system_tables.sql", "mariadb_performance_tables.sql", "mariadb_system_tables_data.sql")
_SETTINGS = {
    "bind-address": "127.0.0.1",
    # Who asks in the server's own time, not in UTC, must notice.
    "default-time-zone": "-08:00",
    "character-set-server": "utf8mb4",
    "innodb-buffer-pool-size": "64M",
    "max-allowed-packet": "64M",
    # What is written need not survive a loss of power; a killed server loses nothing.
    "innodb-flush-log-at-trx-commit": "2",
    "performance-schema": "OFF",
}
_START_SECONDS = 30


class Server:
    """A server on a port of 127.0.0.1, without tables, or with those it had when it ran before."""

    def __init__(self, programs: Path, state: Path, port: int, *, tls: bool = True) -> None:
        self._programs = programs
        self._state = state
        self._port = port
        self._tls = tls
        self._process = Served("MariaDB", _START_SECONDS)

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        self._make()
        self._start(password)
        try:
            self._process.wait(self._greets)
            # Whoever is greeted comes after the first statements.
            self._first.unlink()
            yield
        finally:
            self._process.end()

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._process.has_ended

    @property
    def _data(self) -> Path:
        return self._state / "data"

    @property
    def _first(self) -> Path:
        """What the server does before it serves."""
        return self._state / "first.sql"

    def _command(self, **settings: str) -> list[str]:
        folders = {
            "basedir": self._programs,
            "datadir": self._data,
            "lc-messages-dir": self._programs / "share",
            "character-sets-dir": self._programs / "share" / "charsets",
        }
        given = {**folders, **settings}
        # The server refuses to run as root unless it is told so.
        user = ["--user=root"] if os.geteuid() == 0 else []
        program = str(self._programs / SERVER)
        return [program, "--no-defaults", *user, *(f"--{name}={value}" for name, value in given.items())]

    def _make(self) -> None:
        if self._data.exists():
            return
        self._data.mkdir(mode=0o700)
        statements = [
            "create database mysql;",
            "use mysql;",
            *((self._programs / "share" / name).read_text() for name in _TABLES),
            # Nobody but the owner may log in.
            "delete from global_priv where user in ('root', '');",
            f"create database {DATABASE} character set utf8mb4;",
        ]
        made = subprocess.run(  # noqa: S603 (a program of the package)
            [*self._command(), "--bootstrap", "--log-warnings=0", "--silent-startup"],
            input="".join(f"{statement}\n" for statement in statements).encode(),
            capture_output=True,
            check=False,
        )
        if made.returncode != 0:
            shutil.rmtree(self._data)
            raise SystemExit(f"MariaDB's data could not be made:\n{made.stderr.decode(errors='replace')}")

    def _start(self, password: str) -> None:
        quoted = password.replace("\\", "\\\\").replace("'", "\\'")
        self._first.touch(mode=0o600)
        self._first.write_text(
            f"create or replace user {DATABASE}@'%' identified by '{quoted}';\n"
            f"grant all on *.* to {DATABASE}@'%' with grant option;\n"
        )
        settings = {
            **_SETTINGS,
            "port": str(self._port),
            "socket": str(self._state / "socket"),
            "init-file": str(self._first),
        }
        tls = self._by_tls() if self._tls else ["--skip-ssl"]
        self._process.start([*self._command(**settings), *tls], self._state)

    def _by_tls(self) -> list[str]:
        """Options for a new certificate of this machine."""
        return [
            *(f"--ssl-{name}={file}" for name, file in certificate_files(self._state).items()),
            f"--ssl-ca={self._state / 'authority.pem'}",
            "--require-secure-transport=ON",
        ]

    def _greets(self) -> bool:
        """Whether the server says the first words of its protocol. Its port is open before that."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=_START_SECONDS) as probe:
                return bool(probe.recv(1))
        except OSError:
            return False
