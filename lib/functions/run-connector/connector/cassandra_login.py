"""A session of a cluster: always by TLS, under a certificate that is checked."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import certifi
from cassandra import ConsistencyLevel
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.connection import DefaultEndPoint
from cassandra.policies import HostFilterPolicy, RoundRobinPolicy
from cassandra.query import dict_factory

from connector.cassandra_connection import BoundedConnection
from connector.cassandra_contract import CassandraContract
from connector.cassandra_values import Values
from connector.errors import ConnectorError
from connector.secret_fields import port_of, require

_PORT = 9042
_CONNECT_SECONDS = 10
# Longest wait for a page.
_PAGE_SECONDS = 60

# It writes names of users; what matters is raised as well.
logging.getLogger("cassandra").setLevel(logging.CRITICAL + 1)


class Login:
    """What the secret says. Raises ConnectorError where it lacks something."""

    def __init__(self, contract: CassandraContract, secret: Mapping[str, Any]) -> None:
        hosts = secret.get("hosts") or [secret.get("host")]
        login = {name: secret.get(name) for name in ("username", "password")}
        require(contract.name, contract.secret, {"host": all(hosts), **login})
        port = port_of(contract, secret, _PORT)
        # With its name, under which the certificate is checked; the driver alone would keep its address.
        self._endpoints = [DefaultEndPoint(host, port) for host in hosts]
        self._provider = PlainTextAuthProvider(secret["username"], secret["password"])
        certificate = secret.get("certificate")
        authority = {"cadata": certificate} if certificate else {"cafile": certifi.where()}
        try:
            self._context = ssl.create_default_context(**authority)
        except ssl.SSLError:
            raise ConnectorError(
                f'Connector {contract.name}: "certificate" in the secret "{contract.secret}" is no '
                "certificate; store that of the authority, as PEM."
            ) from None

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A session of one node that the secret names. Raises the driver's errors."""
        # Other nodes are known by their addresses, which certificates seldom have: they are left alone.
        policy = HostFilterPolicy(RoundRobinPolicy(), lambda host: host.endpoint in self._endpoints)
        profile = ExecutionProfile(
            load_balancing_policy=policy,
            consistency_level=ConsistencyLevel.LOCAL_QUORUM,
            request_timeout=_PAGE_SECONDS,
            row_factory=dict_factory,
        )
        cluster = Cluster(
            self._endpoints,
            auth_provider=self._provider,
            ssl_context=self._context,
            connection_class=BoundedConnection,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            connect_timeout=_CONNECT_SECONDS,
            control_connection_timeout=_CONNECT_SECONDS,
            schema_metadata_enabled=False,
            token_metadata_enabled=False,
        )
        try:
            session = cluster.connect()
            session.client_protocol_handler = Values
            yield session
        finally:
            cluster.shutdown()
