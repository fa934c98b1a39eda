"""What the contracts of the repository become."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from connector.azure_objects import AzureObjects
from connector.cassandra_contract import CassandraContract
from connector.contract import Contract
from connector.gcs_objects import GcsObjects
from connector.kinds import contract_of, objects_of, source_of
from connector.mongodb_contract import MongodbContract
from connector.objects_contract import ObjectsContract
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


@pytest.mark.parametrize(
    ("name", "kind", "address"),
    [
        ("azure-reviews", AzureObjects, "https://examplereviews.blob.core.windows.net"),
        ("gcs-reviews", GcsObjects, "https://storage.googleapis.com"),
    ],
)
def test_a_container_is_read_by_its_contract(name: str, kind: type, address: str) -> None:
    contract = contract_of(CONTRACTS / f"{name}.json")
    assert isinstance(contract, ObjectsContract)
    assert (contract.address, contract.prefix) == (address, "outgoing/")
    public = replace(contract, authentication=None)
    assert isinstance(objects_of(public, {}), kind)


def test_a_collection_is_read_by_its_contract() -> None:
    contract = contract_of(CONTRACTS / "shop-mongodb.json")
    assert isinstance(contract, MongodbContract)
    assert (contract.field, contract.place) == ("updated_at", 'the collection "reviews"')
    assert contract.filter == {"status": "published"}


def test_a_table_of_cassandra_is_read_by_its_contract() -> None:
    contract = contract_of(CONTRACTS / "shop-cassandra.json")
    assert isinstance(contract, CassandraContract)
    assert (contract.keyspace, contract.table, contract.column) == ("shop", "reviews", "updated_at")
    assert contract.indexed


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("rest", "sqlalchemy"),
        ("rest", "azure"),
        ("rest", "pymongo"),
        ("sql_source", "dlt"),
        ("mongodb_source", "sqlalchemy"),
        ("azure_objects", "dlt"),
        ("azure_objects", "google.cloud.storage"),
        ("gcs_objects", "azure"),
        ("rest", "cassandra"),
        ("sql_source", "cassandra"),
        ("cassandra_source", "sqlalchemy"),
    ],
)
def test_a_kind_loads_no_library_of_another(kind: str, other: str) -> None:
    code = f"import sys, connector.kinds, connector.{kind}; sys.exit('{other}' in sys.modules)"
    folder = ROOT / "lib" / "functions" / "run-connector"
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0  # noqa: S603
