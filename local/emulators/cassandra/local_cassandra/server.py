"""The server's files and its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from local_shared.certificate import certify
from local_shared.serving import Served, free_port, listens

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
        self._process = Served("Cassandra", _START_SECONDS)

    @contextmanager
    def running(self, password: str) -> Iterator[None]:
        """Run the server until the end of the block; `password`: of the owner."""
        if not list(self._jars.glob("*cassandra-all*.jar")):
            raise SystemExit(f"Cassandra is not in {self._jars}; npm run test:sources fetches it.")
        self._certify()
        settings = write_settings(self._state, self._port, free_port())
        # As Spark finds it.
        self._process.start(["java", *java_options(self._state, settings, self._jars)], self._state)
        try:
            self._process.wait(lambda: listens(self._port))
            self._make_owner(password)
            yield
        finally:
            self._process.end()

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself."""
        return self._process.has_ended

    def _certify(self) -> None:
        """Make a new certificate of this machine, and write its authority to a file."""
        issued = certify(self._state)
        identity = self._state / "identity.pem"
        identity.touch(mode=0o600)
        # Cassandra reads keys as PKCS #8 only.
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        packed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        identity.write_bytes(packed + b"".join(pem.bytes() for pem in issued.cert_chain_pems))

    def _make_owner(self, password: str) -> None:
        """Let the owner in, and nobody else. The server makes its first user shortly after it listens."""
        owner = Login(OWNER, password)
        authority = self._state / "authority.pem"

        def is_made() -> bool:
            try:
                with connected(self._port, authority, _FIRST) as session:
                    session.execute(
                        f"CREATE ROLE {OWNER} WITH PASSWORD = %s AND LOGIN = true AND SUPERUSER = true",
                        (password,),
                    )
            except ConnectionError:
                return False
            return True

        self._process.wait(is_made, "make its first user")
        with connected(self._port, authority, owner) as session:
            session.execute(f"DROP ROLE {_FIRST.username}")
