"""What the contracts of the repository become."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from connector.cassandra_contract import CassandraContract
from connector.contract import Contract
from connector.kinds import contract_of, source_of
from connector.rest import RestSource
from connector.sql_contract import SqlContract
from lists import budget

ROOT = Path(__file__).parents[3]
CONTRACTS = ROOT / "contracts" / "connectors"


def test_an_api_is_read_by_its_contract() -> None:
    contract = contract_of(CONTRACTS / "steam-reviews.json")
    assert isinstance(contract, Contract)
    assert isinstance(source_of(contract, {}, budget()), RestSource)


def test_a_database_is_read_by_its_contract() -> None:
    contract = contract_of(CONTRACTS / "shop-database.json")
    assert isinstance(contract, SqlContract)
    assert (contract.engine, contract.column, contract.key) == ("postgresql", "updated_at", ["review_id"])
    assert contract.place == "the query"


def test_a_table_of_cassandra_is_read_by_its_contract() -> None:
    contract = contract_of(CONTRACTS / "shop-cassandra.json")
    assert isinstance(contract, CassandraContract)
    assert (contract.keyspace, contract.table, contract.column) == ("shop", "reviews", "updated_at")
    assert contract.indexed


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("rest", "sqlalchemy"),
        ("sql_source", "dlt"),
        ("rest", "cassandra"),
        ("sql_source", "cassandra"),
        ("cassandra_source", "sqlalchemy"),
    ],
)
def test_a_kind_loads_no_library_of_another(kind: str, other: str) -> None:
    code = f"import sys, connector.kinds, connector.{kind}; sys.exit('{other}' in sys.modules)"
    folder = ROOT / "lib" / "functions" / "run-connector"
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0  # noqa: S603
