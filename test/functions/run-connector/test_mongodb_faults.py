"""What a connector says when MongoDB cannot be read: its name, what is wrong, what to do, no secret."""

from __future__ import annotations

import signal
import socketserver
import threading
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
from conftest import start_mongodb
from connector import mongodb_login
from connector.errors import ConnectorError, SourceUnavailableError
from connector.mongodb_contract import MongodbContract
from connector.mongodb_errors import translated
from database import PASSWORD
from documents import Documents, review
from emulator_process import free_port
from pymongo.errors import ConfigurationError, ExecutionTimeout, OperationFailure, PyMongoError

ANY = Documents(0, Path(certifi.where()))

# Changes of the contract or of the secret, and what the connector then says.
FAULTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"password": "wrong-password"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({}, {"username": "nobody"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({}, {"authSource": None}, 'the database refuses the credentials; renew the secret "shop".'),
    (
        {},
        {"dbname": "other"},
        'does not have the collection "reviews"; see whether "collection", and "dbname"',
    ),
    (
        {"filter": {"stars": {"$least": 3}}},
        {},
        'does not understand what is asked of the collection "reviews"; see whether "filter" and "fields"',
    ),
]


def said(
    error: type[Exception], documents: Documents, secret: dict[str, Any], of: MongodbContract | None = None
) -> str:
    of = of or documents.contract()
    [stream] = of.streams
    with pytest.raises(error) as caught:
        list(documents.source(of, secret).pages(stream, None, None))
    text = str(caught.value)
    assert text.startswith("Connector shop: the database ")
    assert PASSWORD not in text
    return text


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less of it than the function has: a server that cannot be reached is looked for the whole time."""
    shorter = {"serverSelectionTimeoutMS": 1_000}
    monkeypatch.setattr(mongodb_login, "_OPTIONS", {**mongodb_login._OPTIONS, **shorter})


@pytest.mark.sources
@pytest.mark.parametrize(("contract", "secret", "sentence"), FAULTS)
def test_what_a_person_must_change_is_said_at_once(
    documents: Documents, contract: dict[str, Any], secret: dict[str, Any], sentence: str
) -> None:
    documents.reviews.insert_one(review(1))
    of = documents.contract(**contract)
    assert sentence in said(ConnectorError, documents, documents.secret(**secret), of)


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ({"host": "", "password": None}, 'the secret "shop" holds no host, password; store it as JSON with'),
        ({"host": "mongodb://h/?tls=false"}, 'the secret "shop" holds more than a name in "host"; store'),
        ({"srv": "mongodb+srv://c.example.net"}, 'the secret "shop" holds more than a name in "srv"; store'),
    ],
)
def test_a_secret_that_lacks_something_or_holds_an_address_is_refused(
    secret: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConnectorError, match=f"^Connector shop: {sentence}"):
        ANY.source(ANY.contract(), ANY.secret(**secret))


@pytest.mark.sources
@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("trusted", ["another authority", "the usual authorities"])
def test_a_certificate_that_cannot_be_trusted_ends_the_run(documents: Documents, trusted: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode() if trusted == "another authority" else None
    refused = said(ConnectorError, documents, documents.secret(certificate=other))
    assert "shows a certificate that cannot be trusted; see whether it has expired" in refused
    assert "the connector never asks without TLS" in refused


@pytest.mark.sources
@pytest.mark.usefixtures("patience")
def test_a_certificate_of_another_host_ends_the_run(documents: Documents) -> None:
    refused = said(ConnectorError, documents, documents.secret(host="127.1"))
    assert "shows a certificate that cannot be trusted; see whether it has expired" in refused


@pytest.mark.usefixtures("patience")
def test_a_server_without_tls_is_refused() -> None:
    """As mongod does: it takes the greeting of TLS for a message that is too long, and hangs up."""

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)

    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        refused = said(ConnectorError, ANY, ANY.secret(port=server.server_address[1]))
        server.shutdown()
    assert "does not take TLS; turn it on there; the connector never asks without it" in refused


@pytest.mark.usefixtures("patience")
def test_a_server_that_is_down_is_asked_again_later() -> None:
    down = said(SourceUnavailableError, ANY, ANY.secret(port=free_port()))
    assert "cannot be reached or broke off; it is asked again later" in down


@pytest.mark.sources
@pytest.mark.usefixtures("patience")
def test_a_server_that_ends_in_the_middle_is_asked_again_later(tmp_path: Path) -> None:
    server = start_mongodb(tmp_path)
    documents = Documents(server.port, tmp_path / "authority.pem")
    documents.reviews.insert_many([review(number) for number in range(10)])
    of = documents.contract(limits={"documentsPerPage": 3})
    [stream] = of.streams
    pages = documents.source(of).pages(stream, None, None)
    next(pages)
    documents.close()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(20)
    with pytest.raises(SourceUnavailableError, match=r"it is asked again later"):
        next(pages)


HERE = 'the collection "reviews"'
# What only a real server says, by its documented codes.
CODES: list[tuple[PyMongoError, type[Exception], str]] = [
    (OperationFailure("", 13), ConnectorError, f"let the user read {HERE}; grant the role"),
    (OperationFailure("", 8000), ConnectorError, "refuses the credentials; renew the secret"),
    (OperationFailure("", 292), ConnectorError, f"cannot sort {HERE} within its memory; make an index"),
    (OperationFailure("", 31249), ConnectorError, f"does not understand what is asked of {HERE}; see"),
    (ExecutionTimeout("", 50), SourceUnavailableError, "takes too long for a page; it is asked again later."),
    (OperationFailure("", 133), SourceUnavailableError, "fails with the code 133; it is asked again later"),
    (OperationFailure("", 11600), SourceUnavailableError, "fails with the code 11600; it is asked again"),
    (OperationFailure("", 20), ConnectorError, "answers with the error 20; see what it means in MongoDB's"),
    (
        ConfigurationError("The DNS query name does not exist: _mongodb._tcp.c.example."),
        ConnectorError,
        'has no servers under its name; see whether "srv" in the secret "shop" is the name that Atlas shows',
    ),
    (ConfigurationError("timed out"), SourceUnavailableError, "cannot be found, since DNS does not answer"),
    (PyMongoError("do-not-show-me"), ConnectorError, "answers with the error PyMongoError; see what it"),
]


@pytest.mark.parametrize(("error", "kind", "sentence"), CODES)
def test_each_error_of_a_server_is_said_by_its_code_alone(
    error: PyMongoError, kind: type[Exception], sentence: str
) -> None:
    found = translated(error, ANY.contract())
    assert type(found) is kind
    assert sentence in str(found)
    assert "do-not-show-me" not in str(found)
