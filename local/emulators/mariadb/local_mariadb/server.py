"""The server's files and its process. "mariadb-install-db" and "Server System Variables", MariaDB
documentation."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from local_shared.serving import end

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
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        self._make()
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

    @property
    def _data(self) -> Path:
        return self._state / "data"

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
        first = self._state / "first.sql"
        first.touch(mode=0o600)
        first.write_text(
            f"create or replace user {DATABASE}@'%' identified by '{quoted}';\n"
            f"grant all on *.* to {DATABASE}@'%' with grant option;\n"
        )
        self._process = subprocess.Popen(  # noqa: S603 (a program of the package)
            [
                *self._command(
                    **_SETTINGS,
                    **{
                        "port": str(self._port),
                        "socket": str(self._state / "socket"),
                        "init-file": str(first),
                    },
                ),
                *(self._certificate() if self._tls else ["--skip-ssl"]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own standard output is for our parent
            cwd=self._state,
            start_new_session=True,
        )

    def _certificate(self) -> list[str]:
        """Options for a new certificate of this machine; its authority is written to a file."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._state / "authority.pem"))
        files = {name: self._state / f"{name}.pem" for name in ("cert", "key")}
        issued = authority.issue_cert("127.0.0.1", "localhost")
        files["key"].touch(mode=0o600)
        issued.private_key_pem.write_to_path(str(files["key"]))
        issued.cert_chain_pems[0].write_to_path(str(files["cert"]))
        return [
            *(f"--ssl-{name}={file}" for name, file in files.items()),
            f"--ssl-ca={self._state / 'authority.pem'}",
            "--require-secure-transport=ON",
        ]

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._greets():
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit("MariaDB did not start; it says why above.")
            time.sleep(0.05)
        # Whoever is greeted comes after the first statements.
        (self._state / "first.sql").unlink()

    def _greets(self) -> bool:
        """Whether the server says the first words of its protocol. Its port is open before that."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=_START_SECONDS) as probe:
                return bool(probe.recv(1))
        except OSError:
            return False
