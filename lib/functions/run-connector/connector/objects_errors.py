"""What an answer of a service of objects means for who must act.

The service's own words may hold a login: they stay out.
"""

from __future__ import annotations

from connector.errors import ConnectorError, SourceUnavailableError
from connector.objects_contract import ObjectsContract

_LATER = "it is asked again later"
_BUSY = 429
_LASTING = {
    # Bad Request: among others a token that is no token.
    400: ("refuses the request (status 400)", "{login}"),
    401: ("refuses the credentials (status 401)", "{login}"),
    403: ("does not let these credentials read (status 403)", "{login}"),
    404: ("is not there (status 404)", 'see whether "address" and "container" are spelt as there'),
}


def of_status(contract: ObjectsContract, status: int | None) -> ConnectorError | SourceUnavailableError:
    """The error of a status; without one, that of a service which could not be reached."""
    if status is None:
        return SourceUnavailableError(contract.sentence("cannot be reached or broke off", _LATER))
    if status == _BUSY:
        return SourceUnavailableError(contract.sentence("allows no more calls for now", _LATER))
    if status not in _LASTING:
        return SourceUnavailableError(contract.sentence(f"fails with status {status}", _LATER))
    what, remedy = _LASTING[status]
    return ConnectorError(contract.sentence(what, remedy.replace("{login}", _login(contract))))


def untrusted(contract: ObjectsContract) -> ConnectorError:
    """The error of a certificate that was not accepted."""
    return ConnectorError(
        contract.sentence(
            "shows a certificate that cannot be trusted",
            "see whether it has expired or is of another host; the connector never asks without TLS",
        )
    )


def _login(contract: ObjectsContract) -> str:
    if contract.authentication is None:
        return 'see whether it wants a login now: "authentication"'
    secret = contract.authentication["secret"]
    return f'renew the secret "{secret}", and see that its login may list and read there'
