"""The kinds of sources: what a contract becomes, and what reads it. Only its kind's libraries are loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from connector.budget import Budget
from connector.cassandra_contract import CassandraContract
from connector.contract import Contract
from connector.credentials import credentials
from connector.reading import Source
from connector.sql_contract import SqlContract

type AnyContract = Contract | SqlContract | CassandraContract


def contract_of(file: Path) -> AnyContract:
    """Read a contract's file."""
    document = json.loads(file.read_text())
    match document["kind"]:
        case "sql":
            return SqlContract.of(document)
        case "cassandra":
            return CassandraContract.of(document)
        case _:
            return Contract.of(document)


def source_of(contract: AnyContract, environment: Mapping[str, str], budget: Budget) -> Source:
    """What reads the contract's source, with the credentials of its secret."""
    secret = credentials(contract, environment.get("SECRET_NAME"))
    if isinstance(contract, SqlContract):
        from connector.sql_source import SqlSource

        return SqlSource(contract, secret, budget)

    if isinstance(contract, CassandraContract):
        from connector.cassandra_source import CassandraSource

        return CassandraSource(contract, secret, budget)

    from connector.graphql import GraphqlSource
    from connector.rest import RestSource

    of_kind = RestSource if contract.query is None else GraphqlSource
    # On one machine one server stands for every API, as AWS_ENDPOINT_URL does for all of AWS.
    return of_kind(contract, secret, budget, address=environment.get("SOURCE_ENDPOINT_URL"))
