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
    from connector.budget import Budget
    from connector.kinds import contract_of, run_connector

    name = os.environ["CONNECTOR"]
    contract = contract_of(Path(__file__).parent / "contracts" / "connectors" / f"{name}.json")
    budget = Budget(
        contract.limits.calls_per_run,
        contract.limits.calls_per_second,
        lambda: context.get_remaining_time_in_millis() / 1_000 - _SECONDS_TO_STORE,
        made=event.get("calls", 0),
    )
    outcome = run_connector(contract, os.environ, budget, event.get("next", 0))
    print(json.dumps({"connector": name, **outcome}))
    return outcome
