"""What a database's error means for who must act. The driver's own words may hold data: they stay out."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy.exc

from connector.errors import ConnectorError, SourceUnavailableError
from connector.sentence import CERTIFICATE, CREDENTIALS, LATER, NO_TLS, UNREACHABLE, sentence
from connector.sql_contract import SqlContract

_CERTIFICATE, _NO_TLS = "certificate", "no TLS"

# Error numbers of MySQL and MariaDB as PostgreSQL's codes. "Server Error Message Reference", MySQL
# documentation; "PostgreSQL Error Codes", PostgreSQL documentation.
_CODES = {
    1040: "53300",
    1044: "42501",
    1045: "28P01",
    1049: "3D000",
    1054: "42703",
    1064: "42601",
    1142: "42501",
    1143: "42501",
    1146: "42P01",
    1205: "40001",
    1213: "40001",
    1698: "28P01",
    1969: "57014",
    3024: "57014",
}

# Classes of PostgreSQL's codes that may be over soon: connections, resources, conflicts, an operator's work.
_TEMPORARY = ("08", "53", "40", "57", "58")
_CANCELED = "57014"
_CONNECTION_ERRORS = (sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError)

# "Client Error Message Reference", MySQL documentation: those of connections.
_CONNECTION_NUMBERS = range(2000, 2100)

# A connection that fails before there is a session has no code, only words.
_WORDS = (
    (r"certificate|does not match host name", _CERTIFICATE),
    (r"does not support SSL|server refused SSL|SSL.* required but", _NO_TLS),
    (r"password authentication failed|no password supplied|role \".*\" does not exist", "28P01"),
    (r"no pg_hba\.conf entry|is not permitted to log in", "28000"),
    (r"database \".*\" does not exist", "3D000"),
    (r"permission denied for database", "42501"),
)

# What is wrong, and what to do.
_LASTING = {
    _CERTIFICATE: CERTIFICATE,
    _NO_TLS: NO_TLS,
    "28P01": CREDENTIALS,
    "28000": ("refuses the login", 'allow it there for the user of the secret "{secret}"'),
    "3D000": ("is not on this server", 'see whether "host" and "dbname" of the secret "{secret}" are right'),
    "42501": ("does not let the user read {place}", 'grant SELECT to the user of the secret "{secret}"'),
    "42P01": ("does not have {place}", 'see whether "rows" spells it as there, with its schema'),
    "42703": ("lacks a column in {place}", 'see whether "rows", "key" and "cursor" spell it as there'),
    "42601": ("does not understand {place}", 'see whether "query" is one SELECT without a semicolon'),
}


def translated(
    error: sqlalchemy.exc.DBAPIError, contract: SqlContract
) -> ConnectorError | SourceUnavailableError:
    """The error as a sentence that names the connector, what is wrong and what to do."""
    code = _code_of(error)
    if code in _LASTING:
        what, remedy = _LASTING[code]
        return ConnectorError(sentence(contract, what, remedy))
    if code == _CANCELED:
        return SourceUnavailableError(
            sentence(
                contract,
                "takes too long for a page",
                f'{LATER}. If this goes on, make an index of cursor and key there, or lower "rowsPerPage"',
            )
        )
    if code is not None and code.startswith(_TEMPORARY):
        return SourceUnavailableError(sentence(contract, f"fails with the code {code}", LATER))
    if code is None and isinstance(error, _CONNECTION_ERRORS):
        return SourceUnavailableError(sentence(contract, *UNREACHABLE))
    return ConnectorError(
        sentence(
            contract,
            f"answers with the error {code or type(error.orig).__name__}",
            "see what it means in the database's manual",
        )
    )


def _code_of(error: sqlalchemy.exc.DBAPIError) -> str | None:
    """A code of PostgreSQL, a name of ours, or None where there is neither."""
    number: Any = error.orig.args[0] if error.orig and error.orig.args else None
    if isinstance(number, int) and number not in _CONNECTION_NUMBERS:
        # MySQL's own SQLSTATE is one and the same for many errors.
        return _CODES.get(number, str(number))
    state: str | None = None if isinstance(number, int) else getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state
    words = str(error.orig)
    return next((name for pattern, name in _WORDS if re.search(pattern, words)), None)
