"""What a secret must hold, whatever it opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import ConnectorError
from connector.sentence import Database


def require(connector: str, secret: str, given: Mapping[str, Any]) -> None:
    """Raises ConnectorError that names the fields without a value.

    connector, secret: the names of both. given: the fields that are needed.
    """
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ConnectorError(
            f'Connector {connector}: the secret "{secret}" holds no {", ".join(missing)}; '
            "store it as JSON with these names."
        )


def port_of(database: Database, secret: Mapping[str, Any], usual: int) -> int:
    """The port that a database's secret names, or the usual one. Raises ConnectorError if it is no number."""
    try:
        return int(secret.get("port") or usual)
    except (TypeError, ValueError):
        raise ConnectorError(
            f'Connector {database.name}: "port" in the secret "{database.secret}" is no number; '
            f"store one, or leave it out where it is {usual}."
        ) from None
