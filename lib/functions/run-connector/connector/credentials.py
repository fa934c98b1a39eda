"""The secret of a connector."""

import json
from typing import Protocol

import boto3
from botocore.exceptions import ClientError

from connector.errors import ConnectorError

_LASTING = ("ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException")


class Named(Protocol):
    """A contract, of whatever kind."""

    @property
    def name(self) -> str:
        """Its name."""


def credentials(contract: Named, secret_name: str | None) -> dict[str, str]:
    """What the secret holds; nothing for a public API. Raises ConnectorError."""
    if secret_name is None:
        return {}
    try:
        text = boto3.client("secretsmanager").get_secret_value(SecretId=secret_name)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in _LASTING:
            raise
        raise ConnectorError(
            f'Connector {contract.name}: the secret "{secret_name}" cannot be read; '
            "create it, see docs/connectors.md."
        ) from error
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConnectorError(
            f'Connector {contract.name}: the secret "{secret_name}" is no JSON object; '
            "see docs/connectors.md."
        )
    return found
