"""What the secret of a database must hold, whatever kind of database it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import ConnectorError
from connector.sentence import Database


def require(database: Database, given: Mapping[str, Any]) -> None:
    """Raises ConnectorError that names the fields without a value."""
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ConnectorError(
            f'Connector {database.name}: the secret "{database.secret}" holds no {", ".join(missing)}; '
            "store it as JSON with these names."
        )


def port_of(database: Database, secret: Mapping[str, Any], usual: int) -> int:
    """The port that the secret names, or the usual one. Raises ConnectorError where it is no number."""
    try:
        return int(secret.get("port") or usual)
    except (TypeError, ValueError):
        raise ConnectorError(
            f'Connector {database.name}: "port" in the secret "{database.secret}" is no number; '
            f"store one, or leave it out where it is {usual}."
        ) from None
