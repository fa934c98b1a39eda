"""The kinds of sources: what a contract becomes, and what runs it. Only its kind's libraries are loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector.budget import Budget
from connector.cassandra_contract import CassandraContract
from connector.contract import Contract
from connector.credentials import credentials
from connector.mongodb_contract import MongodbContract
from connector.objects_contract import ObjectsContract
from connector.objects_source import ObjectSource
from connector.reading import Source
from connector.sql_contract import SqlContract

type RecordsContract = Contract | SqlContract | MongodbContract | CassandraContract
type AnyContract = RecordsContract | ObjectsContract


def contract_of(file: Path) -> AnyContract:
    """Read a contract's file."""
    document = json.loads(file.read_text())
    match document["kind"]:
        case "sql":
            return SqlContract.of(document)
        case "cassandra":
            return CassandraContract.of(document)
        case "mongodb":
            return MongodbContract.of(document)
        case "objects":
            return ObjectsContract.of(document)
        case _:
            return Contract.of(document)


def run_connector(
    contract: AnyContract, environment: Mapping[str, str], budget: Budget, first: int
) -> dict[str, Any]:
    """Run a connector within the budget, its lists from number `first` on; returns figures.

    Raises ConnectorError, SourceUnavailableError and OvertakenError.
    """
    bucket, table = environment["RAW_BUCKET"], environment["LEDGER_TABLE"]
    if isinstance(contract, ObjectsContract):
        from connector.aws_objects import AwsRawObjects, AwsShelf
        from connector.copied import Copied
        from connector.copying import Copying

        copied = Copied(AwsShelf(contract.name, table))
        objects = objects_of(contract, environment)
        return Copying(contract, objects, AwsRawObjects(bucket), copied, budget).run()

    from connector.aws_store import AwsStore
    from connector.run import run

    source = source_of(contract, environment, budget)
    return run(contract, source, AwsStore(contract.name, bucket, table), budget, first)


def source_of(contract: RecordsContract, environment: Mapping[str, str], budget: Budget) -> Source:
    """What reads the contract's source, with the credentials of its secret."""
    secret = credentials(contract, environment.get("SECRET_NAME"))
    if isinstance(contract, SqlContract):
        from connector.sql_source import SqlSource

        return SqlSource(contract, secret, budget)

    if isinstance(contract, MongodbContract):
        from connector.mongodb_source import MongodbSource

        return MongodbSource(contract, secret, budget)

    if isinstance(contract, CassandraContract):
        from connector.cassandra_source import CassandraSource

        return CassandraSource(contract, secret, budget)

    from connector.graphql import GraphqlSource
    from connector.rest import RestSource

    of_kind = RestSource if contract.query is None else GraphqlSource
    # On one machine one server stands for every API, as AWS_ENDPOINT_URL does for all of AWS.
    return of_kind(contract, secret, budget, address=environment.get("SOURCE_ENDPOINT_URL"))


def objects_of(contract: ObjectsContract, environment: Mapping[str, str]) -> ObjectSource:
    """What reads the contract's container, with the credentials of its secret."""
    secret = credentials(contract, environment.get("SECRET_NAME"))
    # On one machine a server of it stands for the service.
    address = environment.get(f"{contract.service.upper()}_ENDPOINT_URL")
    if contract.service == "azure":
        from connector.azure_objects import AzureObjects

        return AzureObjects(contract, secret, address=address)

    from connector.gcs_objects import GcsObjects

    return GcsObjects(contract, secret, address=address)
