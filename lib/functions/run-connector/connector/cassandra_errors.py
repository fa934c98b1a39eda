"""What a cluster's error means for who must act. The server's own words may hold data: they stay out."""

from __future__ import annotations

import re

from cassandra import AuthenticationFailed, DriverException, InvalidRequest, Unauthorized
from cassandra.cluster import NoHostAvailable
from cassandra.protocol import ErrorMessage, SyntaxException

from connector.cassandra_contract import CassandraContract
from connector.errors import ConnectorError, SourceUnavailableError

# What the driver raises where a cluster does not give what it was asked for.
DRIVER_ERRORS = (NoHostAvailable, DriverException, ErrorMessage)

_LATER = "it is asked again later"

# Words of the server, or of TLS: what is wrong, and what to do.
_LASTING = (
    (
        r"certificate",
        "shows a certificate that cannot be trusted",
        "see whether it has expired or is of another host, and store its authority as "
        '"certificate" in the secret "{secret}"; the connector never asks without TLS',
    ),
    (
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE",
        "does not take TLS",
        "turn it on there; the connector never asks without it",
    ),
    (
        r"does not exist|unconfigured table",
        "does not have {place}",
        'see whether "keyspace" and "table" spell it as there',
    ),
    (
        r"Undefined column name",
        "lacks a column in {place}",
        'see whether "columns" and "cursor" spell it as there',
    ),
    (
        r"ALLOW FILTERING",
        'has no index of "{column}" in {place} that finds what is new',
        "make a storage-attached index there (USING 'sai'), or leave \"indexed\" out of the contract, "
        "so that every run reads the whole table",
    ),
)


def translated(error: Exception, contract: CassandraContract) -> ConnectorError | SourceUnavailableError:
    """The error as a sentence that names the connector, what is wrong and what to do."""
    causes = list(error.errors.values()) if isinstance(error, NoHostAvailable) else [error]
    if any(isinstance(cause, AuthenticationFailed) for cause in causes):
        return _lasting(contract, "refuses the credentials", 'renew the secret "{secret}"')
    if isinstance(error, Unauthorized):
        remedy = 'grant SELECT to the user of the secret "{secret}"'
        return _lasting(contract, "does not let the user read {place}", remedy)
    if isinstance(error, (NoHostAvailable, InvalidRequest)):
        words = " ".join(map(str, causes))
        for pattern, what, remedy in _LASTING:
            if re.search(pattern, words):
                return _lasting(contract, what, remedy)
    if isinstance(error, NoHostAvailable):
        return SourceUnavailableError(sentence(contract, "cannot be reached or broke off", _LATER))
    if isinstance(error, (InvalidRequest, SyntaxException)):
        remedy = "compare the contract with the table"
        return _lasting(contract, f"refuses the query ({type(error).__name__})", remedy)
    what = f"takes too long for a page, or fails ({type(error).__name__})"
    remedy = f'{_LATER}. If this goes on, lower "rowsPerPage", or make an index of the cursor\'s column'
    return SourceUnavailableError(sentence(contract, what, remedy))


def refuses_position(error: Exception) -> bool:
    """Whether the error is about the place from which a page was asked for."""
    return isinstance(error, ErrorMessage) and "paging state" in str(error)


def sentence(contract: CassandraContract, what: str, remedy: str) -> str:
    """Names the connector, and what it reads."""
    about = {"{secret}": contract.secret, "{place}": contract.place, "{column}": contract.column}
    for name, value in about.items():
        what, remedy = what.replace(name, value), remedy.replace(name, value)
    return f"Connector {contract.name}: the database {what}; {remedy}."


def _lasting(contract: CassandraContract, what: str, remedy: str) -> ConnectorError:
    return ConnectorError(sentence(contract, what, remedy))
