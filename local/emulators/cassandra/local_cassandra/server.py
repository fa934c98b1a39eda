"""The server's files and its process."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from local_shared.serving import end

from local_cassandra.session import Login, connected
from local_cassandra.settings import java_options, write_settings

OWNER = "shop"
"""Name of the only superuser."""

# The one whom a new Cassandra has.
_FIRST = Login("cassandra", "cassandra")

_START_SECONDS = 150


class Server:
    """A server on a port of 127.0.0.1, without tables."""

    def __init__(self, jars: Path, state: Path, port: int) -> None:
        self._jars = jars
        self._state = state
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        if not list(self._jars.glob("*cassandra-all*.jar")):
            raise SystemExit(f"Cassandra is not in {self._jars}; npm run test:sources fetches it.")
        self._certify()
        settings = write_settings(self._state, self._port, _free_port())
        self._process = subprocess.Popen(  # noqa: S603 (a program of the package)
            ["java", *java_options(self._state, settings, self._jars)],  # noqa: S607 (as Spark finds it)
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own standard output is for our parent
            cwd=self._state,
            start_new_session=True,
        )
        try:
            self._wait()
            self._make_owner(password)
            yield
        finally:
            end(self._process)

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def _certify(self) -> None:
        """Make a new certificate of this machine, and write its authority to a file."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._state / "authority.pem"))
        issued = authority.issue_cert("127.0.0.1", "localhost")
        identity = self._state / "identity.pem"
        identity.touch(mode=0o600)
        # Cassandra reads keys as PKCS #8 only.
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        packed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        identity.write_bytes(packed + b"".join(pem.bytes() for pem in issued.cert_chain_pems))

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self.has_ended or time.monotonic() > deadline:
                raise SystemExit("Cassandra did not start; it says why above.")
            time.sleep(0.1)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False

    def _make_owner(self, password: str) -> None:
        """Let the owner in, and nobody else. The server makes its first user shortly after it listens."""
        owner = Login(OWNER, password)
        authority = self._state / "authority.pem"
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with connected(self._port, authority, _FIRST) as session:
                    session.execute(
                        f"CREATE ROLE {OWNER} WITH PASSWORD = %s AND LOGIN = true AND SUPERUSER = true",
                        (password,),
                    )
                break
            except ConnectionError:
                if self.has_ended or time.monotonic() > deadline:
                    raise SystemExit("Cassandra did not make its first user; it says why above.") from None
                time.sleep(0.2)
        with connected(self._port, authority, owner) as session:
            session.execute(f"DROP ROLE {_FIRST.username}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
