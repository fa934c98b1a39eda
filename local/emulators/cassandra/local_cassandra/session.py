"""A session of the server as an owner has it."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable

# It says what is raised as well.
logging.getLogger("cassandra").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Login:
    """Who asks."""

    username: str
    password: str


@contextmanager
def connected(port: int, authority: Path, login: Login) -> Iterator[Any]:
    """A session on 127.0.0.1. Raises ConnectionError where the server does not let one in."""
    cluster = Cluster(
        ["127.0.0.1"],
        port=port,
        auth_provider=PlainTextAuthProvider(login.username, login.password),
        ssl_context=ssl.create_default_context(cafile=str(authority)),
        connect_timeout=30,
    )
    try:
        try:
            session = cluster.connect()
        except NoHostAvailable as error:
            raise ConnectionError(str(error)) from None
        session.default_timeout = 60
        yield session
    finally:
        cluster.shutdown()
