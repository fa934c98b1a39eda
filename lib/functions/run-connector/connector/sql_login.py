"""A connection to a database: always by TLS, under a certificate that is checked, and only to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import DataError
from psycopg.adapt import Buffer, Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from sqlalchemy import URL, Engine, create_engine, event

from connector.authority import authority_file
from connector.json_text import JsonText
from connector.secret_fields import port_of, require
from connector.sql_contract import SqlContract

# As Amazon RDS names them in the secrets that it manages. "Password management with Amazon RDS and AWS
# Secrets Manager", Amazon RDS User Guide.
_FIELDS = ("host", "username", "password", "dbname")
_PORTS = {"postgresql": 5432, "mysql": 3306}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}

_CONNECT_SECONDS = 10
# Longest wait for the first row of a page, sorting included.
_STATEMENT_SECONDS = 300
# A peer that is gone without a message is noticed within a minute.
_SILENT_MILLISECONDS = 60_000


def engine(contract: SqlContract, secret: Mapping[str, Any]) -> Engine:
    """What connects to the database. Raises ConnectorError where the secret lacks something."""
    require(contract.name, contract.secret, {name: secret.get(name) for name in _FIELDS})
    url = URL.create(
        _DRIVERS[contract.engine],
        username=secret["username"],
        password=secret["password"],
        host=secret["host"],
        port=port_of(contract, secret, _PORTS[contract.engine]),
        database=secret["dbname"],
    )
    authority = authority_file(secret.get("certificate"))
    arguments = {"postgresql": _of_postgresql, "mysql": _of_mysql}[contract.engine](authority)
    made = create_engine(url, pool_size=1, connect_args=arguments, hide_parameters=True)
    event.listen(made, "connect", _prepare_postgresql if contract.engine == "postgresql" else _prepare_mysql)
    return made


def _of_postgresql(authority: str) -> dict[str, Any]:
    """Parameters of libpq. "Database Connection Control Functions", PostgreSQL documentation."""
    return {
        "sslmode": "verify-full",
        "sslrootcert": authority,
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": _SILENT_MILLISECONDS,
        "application_name": "review-pipeline",
    }


def _of_mysql(authority: str) -> dict[str, Any]:
    return {
        "ssl": {"ca": authority, "check_hostname": True},
        "charset": "utf8mb4",
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _STATEMENT_SECONDS,
    }


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Set up a session. Not by options of the connection, which poolers do not take."""
    connection.execute("SET timezone = 'UTC'")
    connection.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
    connection.execute("SET default_transaction_read_only = on")
    # A rollback would undo it.
    connection.commit()
    for loader in (DateLoader, TimestampLoader, TimestamptzLoader):
        name = loader.__name__.removesuffix("Loader").lower()
        connection.adapters.register_loader(name, type(f"{loader.__name__}OrText", (_OrText, loader), {}))
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, _JsonLoader)


def _prepare_mysql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute("SET SESSION TRANSACTION READ ONLY")


class _JsonLoader(Loader):
    """Leaves JSON packed: large values stay so."""

    def load(self, data: Buffer) -> JsonText:
        return JsonText([bytes(data).decode()])


class _OrText:
    """Loads a time that Python has no value for, such as "infinity", as the database's text."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)  # type: ignore[misc]
        except DataError:
            return bytes(data).decode()
