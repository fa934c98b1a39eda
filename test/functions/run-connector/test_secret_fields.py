"""What is said of a database's secret that lacks something; no server is needed for it."""

from __future__ import annotations

from typing import Any

import pytest
from connector.cassandra_contract import CassandraContract
from connector.cassandra_login import Login
from connector.errors import ConnectorError
from connector.kinds import contract_of
from connector.mongodb_contract import MongodbContract
from connector.mongodb_login import collection
from connector.sql_contract import SqlContract
from connector.sql_login import engine
from emulator_process import ROOT

WHOLE = {"host": "db.example.com", "dbname": "shop", "username": "reader", "password": "do-not-show-me"}
CONNECTORS = ("shop-database", "shop-mysql", "shop-mongodb", "shop-cassandra")


def log_in(connector: str, secret: dict[str, Any]) -> None:
    """As far as that needs no server."""
    contract = contract_of(ROOT / "contracts" / "connectors" / f"{connector}.json")
    match contract:
        case SqlContract():
            engine(contract, secret)
        case MongodbContract():
            collection(contract, secret)
        case CassandraContract():
            Login(contract, secret)


@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.parametrize("port", [None, 1234, "1234"])
def test_a_port_may_be_a_number_or_its_digits_or_left_out(connector: str, port: Any) -> None:
    log_in(connector, WHOLE | {"port": port})


@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.parametrize("port", ["tcp/5432", [5432]])
def test_a_port_that_is_no_number_is_refused_with_what_to_do(connector: str, port: Any) -> None:
    with pytest.raises(
        ConnectorError, match=rf'Connector {connector}: "port" in the secret .* is no number;'
    ) as caught:
        log_in(connector, WHOLE | {"port": port})
    assert "do-not-show-me" not in str(caught.value)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_what_the_secret_lacks_is_named(connector: str) -> None:
    with pytest.raises(
        ConnectorError, match=rf'Connector {connector}: the secret ".*" holds no host, password;'
    ):
        log_in(connector, {**WHOLE, "host": "", "password": None})
