"""A connector of Cassandra shows its password to a server with a trusted certificate only."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme
from cassandra_table import contract_of
from connector.cassandra_source import CassandraSource
from connector.errors import ConnectorError
from database import PASSWORD, only
from lists import budget

OF = contract_of()
# The beginning of an answer of Cassandra that is not encrypted: an error of its protocol.
PLAIN = bytes.fromhex("8400000000") + bytes(20)
TLS_HANDSHAKE = 0x16


class Listener:
    """Answers each connection, and keeps what it was told."""

    def __init__(self, certificate: ssl.SSLContext | None) -> None:
        self.told: list[bytes] = []
        self._certificate = certificate
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]

    @contextmanager
    def listening(self) -> Iterator[None]:
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        yield
        # A thread that waits in accept is not woken by close alone.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        thread.join(10)
        assert not thread.is_alive()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                asking, _ = self._server.accept()
                with asking, suppress(OSError):
                    asking.settimeout(5)
                    self._hear(asking)

    def _hear(self, asking: socket.socket) -> None:
        if self._certificate is None:
            self.told.append(asking.recv(4096))
            asking.sendall(PLAIN)
            return
        with self._certificate.wrap_socket(asking, server_side=True) as encrypted:
            self.told.append(encrypted.recv(4096))


def said(listener: Listener, authority: trustme.CA) -> str:
    secret = {
        "host": "127.0.0.1",
        "port": listener.port,
        "username": "shop",
        "password": PASSWORD,
        "certificate": authority.cert_pem.bytes().decode(),
    }
    source = CassandraSource(OF, secret, budget())
    with listener.listening(), pytest.raises(ConnectorError) as caught:
        list(source.pages(only(OF), None, None))
    return str(caught.value)


def test_a_server_without_tls_is_told_nothing_but_the_beginning_of_tls() -> None:
    listener = Listener(None)
    assert "does not take TLS; turn it on there; the connector never asks" in said(listener, trustme.CA())
    assert listener.told
    for told in listener.told:
        assert told[0] == TLS_HANDSHAKE
        assert PASSWORD.encode() not in told


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"], ids=["another authority", "another host"])
def test_a_server_with_a_certificate_that_cannot_be_trusted_is_told_nothing(name: str) -> None:
    trusted = trustme.CA()
    authority = trusted if name == "other.example" else trustme.CA()
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(certificate)
    listener = Listener(certificate)
    assert "shows a certificate that cannot be trusted" in said(listener, trusted)
    assert b"".join(listener.told) == b""


def test_what_a_trusted_server_is_told_can_be_heard() -> None:
    """Or else the tests above would prove nothing."""
    authority = trustme.CA()
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(certificate)
    listener = Listener(certificate)
    with pytest.raises(Exception, match="cannot be reached or broke off"):
        said(listener, authority)
    assert any(listener.told)
