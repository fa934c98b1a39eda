"""What a connector says when a Cassandra cannot be read: its name, what is wrong, what to do, no secret."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
import trustme
from cassandra_table import INDEXED, Cluster
from conftest import start_cassandra
from connector.cassandra_contract import CassandraContract
from connector.errors import ConnectorError, SourceUnavailableError
from database import CURSOR, PASSWORD, only
from emulator_process import free_port
from test_sql import row

pytestmark = pytest.mark.sources

# Changes of the contract or of the secret, and what the connector then says.
FAULTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"password": "wrong-password"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({}, {"username": "nobody"}, 'the database refuses the credentials; renew the secret "shop".'),
    ({"table": "other"}, {}, 'the database does not have the table "shop.other"; see whether "keyspace" and'),
    ({"keyspace": "other"}, {}, 'the database does not have the table "other.reviews"; see whether'),
    ({"columns": ["text"]}, {}, 'lacks a column in the table "shop.reviews"; see whether "columns"'),
    ({"cursor": CURSOR | {"column": "changed"}}, {}, 'lacks a column in the table "shop.reviews"; see'),
]


def said(
    error: type[Exception],
    table: Cluster,
    of: CassandraContract,
    secret: dict[str, Any],
    since: float | None = None,
) -> str:
    with pytest.raises(error) as caught:
        list(table.source(of, secret).pages(only(of), since, None))
    text = str(caught.value)
    assert text.startswith("Connector shop: the database ")
    assert PASSWORD not in text
    return text


@pytest.mark.parametrize(("contract", "secret", "sentence"), FAULTS)
def test_what_a_person_must_change_is_said_at_once(
    table: Cluster, contract: dict[str, Any], secret: dict[str, Any], sentence: str
) -> None:
    table.insert([row(1)])
    assert sentence in said(ConnectorError, table, table.contract(**contract), table.secret(**secret))


def test_a_secret_that_lacks_something_is_named(table: Cluster) -> None:
    with pytest.raises(ConnectorError, match=r'the secret "shop" holds no host, password; store it as JSON'):
        table.source(table.contract(), table.secret(host="", password=None))


def test_a_certificate_of_the_secret_that_is_none_is_named(table: Cluster) -> None:
    with pytest.raises(ConnectorError, match=r'"certificate" in the secret "shop" is no certificate; store'):
        table.source(table.contract(), table.secret(certificate="none"))


def test_an_index_that_is_not_there_is_named(table: Cluster) -> None:
    table.do("drop index shop.reviews_updated_at_idx")
    refused = said(ConnectorError, table, table.contract(cursor=INDEXED), table.secret(), since=0)
    assert 'has no index of "updated_at" in the table "shop.reviews" that finds what is new; make' in refused


def test_a_table_that_the_user_may_not_read_is_named_until_it_is_granted(table: Cluster) -> None:
    table.do(f"create role reader with login = true and password = '{PASSWORD}'")
    secret = table.secret(username="reader")
    refused = said(ConnectorError, table, table.contract(), secret)
    assert 'does not let the user read the table "shop.reviews"; grant SELECT to the user' in refused
    table.do("grant select on shop.reviews to reader")
    assert len(list(table.source(table.contract(), secret).pages(only(table.contract()), None, None))) == 1
    table.do("drop role reader")


@pytest.mark.parametrize("trusted", ["another authority", "the usual authorities"])
def test_a_certificate_that_cannot_be_trusted_ends_the_run(table: Cluster, trusted: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode() if trusted == "another authority" else None
    refused = said(ConnectorError, table, table.contract(), table.secret(certificate=other))
    assert "shows a certificate that cannot be trusted; see whether it has expired" in refused


def test_a_certificate_of_another_host_ends_the_run(table: Cluster) -> None:
    refused = said(ConnectorError, table, table.contract(), table.secret(host="127.1"))
    assert "shows a certificate that cannot be trusted; see whether it has expired or is of" in refused


def test_the_host_is_checked_by_its_name_and_the_first_that_answers_is_asked(table: Cluster) -> None:
    secret = {**table.secret(), "hosts": ["localhost", "127.0.0.1"]}
    del secret["host"]
    table.insert([row(1)])
    of = table.contract()
    [page] = table.source(of, secret).pages(only(of), None, None)
    assert [record["id"] for record in page.records] == [1]


def test_a_row_that_is_larger_than_a_page_may_be_is_named(table: Cluster) -> None:
    """A write has at most half of a segment of the commit log, but a row may have any number of them."""
    table.insert([row(1)])
    for number in range(4):
        table.do(f"alter table shop.reviews add part{number} text")
        table.insert([{"id": 1, f"part{number}": "x" * 9_000_000}])
    refused = said(ConnectorError, table, table.contract(), table.secret())
    assert 'has a row in the table "shop.reviews" that is larger than 32 MiB; name the wanted' in refused
    wanted = table.contract(columns=["id", "part0"])
    assert [len(record["part0"]) for record in table.read(wanted)] == [9_000_000]


def test_a_database_that_is_down_is_asked_again_later(table: Cluster) -> None:
    down = said(SourceUnavailableError, table, table.contract(), table.secret(port=free_port()))
    assert "cannot be reached or broke off; it is asked again later" in down


def test_a_database_that_ends_in_the_middle_is_asked_again_later(tmp_path: Path) -> None:
    server = start_cassandra(tmp_path)
    table = Cluster(server.port, tmp_path / "authority.pem")
    table.create_reviews()
    table.insert([row(number) for number in range(10)])
    table.close()
    of = table.contract(limits={"rowsPerPage": 3})
    pages = table.source(of).pages(only(of), None, None)
    next(pages)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    with pytest.raises(SourceUnavailableError, match=r"it is asked again later"):
        list(pages)
