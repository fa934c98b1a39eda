"""A client of MongoDB: always by TLS, under a certificate that is checked, and only to read.

"MongoClient", PyMongo documentation; "Connection Strings", MongoDB Manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from connector.authority import authority_file
from connector.errors import ConnectorError
from connector.mongodb_contract import MongodbContract
from connector.secret_fields import port_of, require

_FIELDS = ("dbname", "username", "password")
_PORT = 27_017
# Names alone: the options of an address could turn off what is asked for here.
_NAME = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]")

QUERY_MILLISECONDS = 300_000
"""Longest time of a query at the server."""

_CONNECT_MILLISECONDS = 10_000
_OPTIONS: Mapping[str, Any] = {
    "appname": "review-pipeline",
    "tls": True,
    "readPreference": "secondaryPreferred",
    "readConcernLevel": "majority",
    "serverSelectionTimeoutMS": _CONNECT_MILLISECONDS,
    "connectTimeoutMS": _CONNECT_MILLISECONDS,
    # A little more than a query may take: the server should be the one to end it.
    "socketTimeoutMS": QUERY_MILLISECONDS + 2 * _CONNECT_MILLISECONDS,
    "maxPoolSize": 1,
    "connect": False,
    "tz_aware": True,
    # Times that Python has no value for, and texts that are no UTF-8, must not end a run.
    "datetime_conversion": "DATETIME_AUTO",
    "unicode_decode_error_handler": "replace",
    "uuidRepresentation": "standard",
}


def collection(contract: MongodbContract, secret: Mapping[str, Any]) -> Collection[dict[str, Any]]:
    """What is read. Raises ConnectorError where the secret lacks something."""
    named = "srv" if secret.get("srv") else "host"
    require(contract.name, contract.secret, {name: secret.get(name) for name in (named, *_FIELDS)})
    if not _NAME.fullmatch(secret[named]):
        raise ConnectorError(
            f'Connector {contract.name}: the secret "{contract.secret}" holds more than a name in "{named}"; '
            "store the host's name alone, without an address's other parts."
        )
    options = {
        **_OPTIONS,
        "tlsCAFile": authority_file(secret.get("certificate")),
        "username": secret["username"],
        "password": secret["password"],
        # Where users usually are; that of Atlas are nowhere else.
        "authSource": secret.get("authSource") or "admin",
    }
    client: MongoClient[dict[str, Any]] = (
        MongoClient(f"mongodb+srv://{secret['srv']}/", **options)
        if named == "srv"
        else MongoClient(secret["host"], port_of(contract, secret, _PORT), **options)
    )
    return client[secret["dbname"]][contract.collection]
