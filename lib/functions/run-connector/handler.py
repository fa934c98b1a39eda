"""Entry of the Lambda function: one connector, named by the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# dlt would report to its makers that it is used.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")

# Time that storing what was read may take (seconds).
_SECONDS_TO_STORE = 90.0


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Run the connector; `event` is {} at first, then what the last call returned.

    Raises ConnectorError and SourceUnavailableError.
    """
    # Not at the top: loading takes seconds, and Lambda gives a function ten of them before its first call.
    from connector.aws_store import AwsStore
    from connector.budget import Budget
    from connector.contract import Contract
    from connector.credentials import credentials
    from connector.graphql import GraphqlSource
    from connector.rest import RestSource
    from connector.run import run

    name = os.environ["CONNECTOR"]
    contract = Contract.read(Path(__file__).parent / "contracts" / "connectors" / f"{name}.json")
    budget = Budget(
        contract.limits.calls_per_run,
        contract.limits.calls_per_second,
        lambda: context.get_remaining_time_in_millis() / 1_000 - _SECONDS_TO_STORE,
        made=event.get("calls", 0),
    )
    source_of = RestSource if contract.query is None else GraphqlSource
    source = source_of(
        contract,
        credentials(contract, os.environ.get("SECRET_NAME")),
        budget,
        # On one machine it stands for every source, as AWS_ENDPOINT_URL does for all of AWS.
        address=os.environ.get("SOURCE_ENDPOINT_URL"),
    )
    store = AwsStore(name, os.environ["RAW_BUCKET"], os.environ["LEDGER_TABLE"])
    outcome = run(contract, source, store, budget, event.get("next", 0))
    print(json.dumps({"connector": name, **outcome}))
    return outcome
