"""How a call shows who asks, by dlt's classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from dlt.common import pendulum
from dlt.sources.helpers.rest_client.auth import (
    APIKeyAuth,
    AuthConfigBase,
    BearerTokenAuth,
    OAuth2ClientCredentials,
)

from connector.contract import Contract
from connector.errors import ConnectorError, SourceUnavailableError
from connector.secret_fields import require

# A token that expires on its way would be refused.
_MARGIN_SECONDS = 60

# What a secret must hold.
_FIELDS = {
    "bearer": ("token",),
    "api-key": ("key",),
    "client_credentials": ("clientId", "clientSecret"),
    "refresh_token": ("clientId", "clientSecret", "refreshToken"),
}


def login(
    contract: Contract, secret: Mapping[str, str], session: requests.Session, address: str | None
) -> AuthConfigBase | None:
    """What adds the credentials to each call; None for a public API.

    address: what stands in place of the host that gives tokens, on one machine.
    """
    authentication = contract.authentication
    if authentication is None:
        return None
    kind = authentication["type"]
    fields = _FIELDS[authentication.get("grant", kind)]
    require(contract.name, authentication["secret"], {name: secret.get(name) for name in fields})
    if kind == "bearer":
        return BearerTokenAuth(token=secret["token"])
    if kind == "api-key":
        location: Literal["query", "header"] = "query" if authentication["in"] == "query" else "header"
        return APIKeyAuth(name=authentication["name"], api_key=secret["key"], location=location)
    return Tokens(contract, authentication, secret, session, address)


class Tokens(OAuth2ClientCredentials):
    """Access tokens of OAuth 2.0, renewed when they have expired."""

    def __init__(
        self,
        contract: Contract,
        authentication: Mapping[str, str],
        secret: Mapping[str, str],
        session: requests.Session,
        address: str | None,
    ) -> None:
        url = authentication["tokenAddress"]
        super().__init__(
            access_token_url=f"{address}{urlsplit(url).path}" if address else url,
            client_id=secret["clientId"],
            client_secret=secret["clientSecret"],
            access_token_request_data=_asked(authentication, secret),
            session=session,
        )
        self._contract = contract
        self._secret_name = authentication["secret"]

    def obtain_token(self) -> None:
        """Ask for a token; raises ConnectorError where the credentials are refused."""
        response = self.session.post(
            self.access_token_url, **self.build_access_token_request(), allow_redirects=False
        )
        status = response.status_code
        if status == requests.codes.too_many_requests or status >= requests.codes.internal_server_error:
            raise SourceUnavailableError(
                f"Connector {self._contract.name}: no access token is given (status {status}); "
                "it is asked for later."
            )
        answer = _document(response) if status == requests.codes.ok else {}
        if not answer.get("access_token"):
            raise ConnectorError(
                f"Connector {self._contract.name}: no access token is given for the credentials "
                f'(status {status}); renew the secret "{self._secret_name}".'
            )
        self.access_token = answer["access_token"]
        seconds = self.parse_expiration_in_seconds(answer) - _MARGIN_SECONDS
        self.token_expiry = pendulum.now().add(seconds=seconds)


def _document(response: requests.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except requests.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _asked(authentication: Mapping[str, str], secret: Mapping[str, str]) -> dict[str, Any]:
    asked = {"grant_type": authentication["grant"]}
    if authentication["grant"] == "refresh_token":
        asked["refresh_token"] = secret["refreshToken"]
    if "scope" in authentication:
        asked["scope"] = authentication["scope"]
    return asked
