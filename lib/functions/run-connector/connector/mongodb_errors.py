"""What an error of MongoDB means for who must act. The driver's own words may hold data: they stay out."""

from __future__ import annotations

import re

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)

from connector.errors import ConnectorError, SourceUnavailableError
from connector.mongodb_contract import MongodbContract
from connector.sentence import CERTIFICATE, CREDENTIALS, LATER, NO_TLS, UNREACHABLE, sentence

# "Error Codes", MongoDB Manual. 8000 is Atlas's own for a login that it refuses.
_NOT_UNDERSTOOD = (
    "does not understand what is asked of {place}",
    'see whether "filter" and "fields" are as MongoDB\'s manual says',
)
_LASTING = {
    13: (
        "does not let the user read {place}",
        'grant the role "read" to the user of the secret "{secret}"',
    ),
    18: CREDENTIALS,
    8000: CREDENTIALS,
    292: ("cannot sort {place} within its memory", 'make an index of "cursor" and _id there'),
    2: _NOT_UNDERSTOOD,
    9: _NOT_UNDERSTOOD,
    31249: _NOT_UNDERSTOOD,
    31253: _NOT_UNDERSTOOD,
    31254: _NOT_UNDERSTOOD,
}

# Members that end, step down, fall behind or are busy; cursors that are gone. "Retryable Reads", MongoDB
# specifications, and those that the driver does not repeat by itself.
_TEMPORARY = {6, 7, 43, 89, 91, 112, 133, 134, 175, 189, 202, 237, 262, 462}
_TEMPORARY |= {9001, 10107, 11600, 11602, 13435, 13436}

# A connection that fails before there is a session has no code, only words.
_WORDS = (
    (r"certificate verify failed|certificate has expired|doesn't match", CERTIFICATE),
    (r"wrong version number|record layer failure|unexpected eof|EOF occurred", NO_TLS),
)


def translated(error: PyMongoError, contract: MongodbContract) -> ConnectorError | SourceUnavailableError:
    """The error as a sentence that names the connector, what is wrong and what to do."""
    if isinstance(error, ExecutionTimeout):
        remedy = (
            f'{LATER}. If this goes on, make an index of "cursor" and _id there, or lower "documentsPerPage"'
        )
        return SourceUnavailableError(sentence(contract, "takes too long for a page", remedy))
    if isinstance(error, OperationFailure):
        return _of_code(error.code, contract)
    if isinstance(error, ConnectionFailure):
        found = next((said for words, said in _WORDS if re.search(words, str(error), re.IGNORECASE)), None)
        if found:
            return ConnectorError(sentence(contract, *found))
        return SourceUnavailableError(sentence(contract, *UNREACHABLE))
    if isinstance(error, ConfigurationError):
        return _of_name(str(error), contract)
    return _unknown(type(error).__name__, contract)


def _of_name(words: str, contract: MongodbContract) -> ConnectorError | SourceUnavailableError:
    """The error of a name under which DNS has no servers, or of DNS itself."""
    if re.search(r"does not exist|does not contain an answer|Invalid", words):
        remedy = 'see whether "srv" in the secret "{secret}" is the name that Atlas shows'
        return ConnectorError(sentence(contract, "has no servers under its name", remedy))
    return SourceUnavailableError(sentence(contract, "cannot be found, since DNS does not answer", LATER))


def _of_code(code: int | None, contract: MongodbContract) -> ConnectorError | SourceUnavailableError:
    if code in _LASTING:
        return ConnectorError(sentence(contract, *_LASTING[code]))
    if code in _TEMPORARY:
        return SourceUnavailableError(sentence(contract, f"fails with the code {code}", LATER))
    return _unknown(str(code), contract)


def _unknown(error: str, contract: MongodbContract) -> ConnectorError:
    remedy = "see what it means in MongoDB's manual"
    return ConnectorError(sentence(contract, f"answers with the error {error}", remedy))
