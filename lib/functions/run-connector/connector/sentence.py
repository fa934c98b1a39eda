"""What is said of a database: its errors name the connector, what is wrong, and what to do."""

from __future__ import annotations

from typing import Protocol


class Database(Protocol):
    """What such a sentence names."""

    @property
    def name(self) -> str:
        """Name of the connector."""

    @property
    def secret(self) -> str:
        """Name of its secret."""

    @property
    def place(self) -> str:
        """What is read."""


LATER = "it is asked again later"
"""What is done where something may be over soon."""

CERTIFICATE = (
    "shows a certificate that cannot be trusted",
    "see whether it has expired or is of another host, and store its authority as "
    '"certificate" in the secret "{secret}"; the connector never asks without TLS',
)
NO_TLS = ("does not take TLS", "turn it on there; the connector never asks without it")
CREDENTIALS = ("refuses the credentials", 'renew the secret "{secret}"')
UNREACHABLE = ("cannot be reached or broke off", LATER)


def sentence(database: Database, what: str, remedy: str) -> str:
    """Names the connector; {secret} and {place} stand for those of its contract."""
    for name, value in (("{secret}", database.secret), ("{place}", database.place)):
        what, remedy = what.replace(name, value), remedy.replace(name, value)
    return f"Connector {database.name}: the database {what}; {remedy}."
