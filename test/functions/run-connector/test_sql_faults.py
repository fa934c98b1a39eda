"""What a connector says when a database cannot be read: its name, what is wrong, what to do, no secret."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
from conftest import start_mariadb
from connector.errors import ConnectorError, SourceUnavailableError
from connector.sql_contract import SqlContract
from database import CURSOR, PASSWORD, Database, only
from emulator_process import Server, free_port
from test_sql import row

# Changes of the contract or of the secret, and what the connector then says.
FAULTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"password": "wrong-password"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({}, {"username": "nobody"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({}, {"dbname": "other"}, 'the database is not on this server; see whether "host" and "dbname"'),
    (
        {"rows": {"table": "other.reviews"}},
        {},
        'the database does not have the table "other.reviews"; see whether',
    ),
    ({"rows": {"table": "reviews", "columns": ["text"]}}, {}, 'lacks a column in the table "reviews"; see'),
    ({"cursor": CURSOR | {"column": "changed"}}, {}, 'lacks a column in the table "reviews"; see whether'),
    ({"rows": {"query": "selec 1", "columns": ["id"]}}, {}, "does not understand the query; see whether"),
]


def said(error: type[Exception], database: Database, of: SqlContract, secret: dict[str, Any]) -> str:
    with pytest.raises(error) as caught:
        list(database.source(of, secret).pages(only(of), None, None))
    text = str(caught.value)
    assert text.startswith("Connector shop: the database ")
    assert PASSWORD not in text
    return text


@pytest.mark.parametrize(("contract", "secret", "sentence"), FAULTS)
def test_what_a_person_must_change_is_said_at_once(
    database: Database, contract: dict[str, Any], secret: dict[str, Any], sentence: str
) -> None:
    of = database.contract(**contract)
    assert sentence in said(ConnectorError, database, of, database.secret(**secret))


def test_a_secret_that_lacks_something_is_named(database: Database) -> None:
    with pytest.raises(ConnectorError, match=r'the secret "shop" holds no host, password; store it as JSON'):
        database.source(database.contract(), database.secret(host="", password=None))


def test_a_table_that_the_user_may_not_read_is_named(database: Database) -> None:
    with database.reader("reader"):
        refused = said(ConnectorError, database, database.contract(), database.secret(username="reader"))
    assert 'does not let the user read the table "reviews"; grant SELECT to the user' in refused


@pytest.mark.parametrize("trusted", ["another authority", "the usual authorities"])
def test_a_certificate_that_cannot_be_trusted_ends_the_run(database: Database, trusted: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode() if trusted == "another authority" else None
    refused = said(ConnectorError, database, database.contract(), database.secret(certificate=other))
    assert "shows a certificate that cannot be trusted; see whether it has expired" in refused
    assert "the connector never asks without TLS" in refused


def test_a_database_that_is_down_is_asked_again_later(database: Database) -> None:
    secret = database.secret(port=free_port())
    down = said(SourceUnavailableError, database, database.contract(), secret)
    assert "cannot be reached or broke off; it is asked again later" in down


def test_a_database_that_ends_in_the_middle_is_asked_again_later(engine: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTGRES_PASSWORD", PASSWORD)
        patch.setenv("MARIADB_PASSWORD", PASSWORD)
        is_postgresql = engine == "postgresql"
        server = Server.start("postgres", tmp_path) if is_postgresql else start_mariadb(tmp_path)
    name = "postgres" if is_postgresql else "shop"
    database = Database(engine, name, server.port, tmp_path / "authority.pem")
    database.create_reviews()
    database.insert([row(number) for number in range(10)])
    of = database.contract(limits={"rowsPerPage": 3})
    pages = database.source(of).pages(only(of), None, None)
    next(pages)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(15)
    with pytest.raises(SourceUnavailableError, match=r"it is asked again later"):
        next(pages)


@pytest.mark.sources
def test_a_database_without_tls_is_refused(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARIADB_PASSWORD", PASSWORD)
        server = start_mariadb(tmp_path, "--no-tls")
    database = Database("mysql", "shop", server.port, Path(certifi.where()))
    refused = said(ConnectorError, database, database.contract(), database.secret())
    assert "does not take TLS; turn it on there; the connector never asks without it" in refused
    assert server.stop() == 0
