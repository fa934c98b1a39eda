"""The slot of a replication: the server's promise to keep what has not been stored yet.

"Logical Decoding Concepts" and "CREATE_REPLICATION_SLOT", PostgreSQL documentation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extras import LogicalReplicationConnection

from local_dms.settings import Source

# The server notices some time after its end that a reader is gone.
_RELEASE_SECONDS = 20


class ReplicationError(Exception):
    """What a DBA must set, in one sentence."""


@dataclass(frozen=True)
class Lag:
    """Bytes of the log: `unconfirmed` since what was stored, `retained` because of the slot."""

    unconfirmed: int
    retained: int


def connect(source: Source, **more: Any) -> Any:
    """A session whose times are in UTC."""
    # Dates and floating-point numbers in the one form that is read back.
    options = "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1"
    return psycopg2.connect(**source.connection, options=options, **more)


def connect_for_replication(source: Source) -> Any:
    """A session of the replication protocol."""
    return connect(source, connection_factory=LogicalReplicationConnection)


def exists(session: Any, name: str) -> bool:
    """Whether there is such a slot."""
    with session.cursor() as cursor:
        cursor.execute("select 1 from pg_replication_slots where slot_name = %s", (name,))
        return cursor.fetchone() is not None


def create(replication: Any, name: str) -> str:
    """Create the slot; returns the name of the snapshot that its first change follows.

    The snapshot is there as long as the session does nothing else.
    """
    with replication.cursor() as cursor:
        cursor.execute(f'CREATE_REPLICATION_SLOT "{name}" LOGICAL pgoutput EXPORT_SNAPSHOT')
        _, _, snapshot, _ = cursor.fetchone()
        return str(snapshot)


def drop(source: Source, name: str) -> None:
    """Remove the slot, if it is there: the server keeps its log for it otherwise, until its disk is full."""
    session = connect(source)
    session.autocommit = True
    deadline = time.monotonic() + _RELEASE_SECONDS
    while exists(session, name):
        try:
            with session.cursor() as cursor:
                cursor.execute("select pg_drop_replication_slot(%s)", (name,))
        except psycopg2.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    session.close()


def lag(session: Any, name: str) -> Lag:
    """How far the slot is behind."""
    with session.cursor() as cursor:
        cursor.execute(
            "select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), "
            "pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) "
            "from pg_replication_slots where slot_name = %s",
            (name,),
        )
        unconfirmed, retained = cursor.fetchone()
        return Lag(int(unconfirmed), int(retained))


def check(session: Any, source: Source, publication: str) -> None:
    """Raise ReplicationError where the server would refuse the replication, or would leave out part of it."""
    table = f"{source.schema}.{source.table}"
    with session.cursor() as cursor:
        cursor.execute("show wal_level")
        if (level := cursor.fetchone()[0]) != "logical":
            raise ReplicationError(f"wal_level is {level}; set it to logical and restart the server")
        cursor.execute(
            "select relreplident from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname = %s and relname = %s",
            (source.schema, source.table),
        )
        found = cursor.fetchone()
        if found is None:
            raise ReplicationError(f"there is no table {table}; correct the setting, or create it")
        if found[0] != "f":
            raise ReplicationError(
                f"the replica identity of {table} is not FULL, so an update would leave out large values: "
                f"ALTER TABLE {table} REPLICA IDENTITY FULL"
            )
        cursor.execute(
            "select 1 from pg_publication_tables where pubname = %s and schemaname = %s and tablename = %s",
            (publication, source.schema, source.table),
        )
        if cursor.fetchone() is None:
            raise ReplicationError(
                f"the publication {publication} does not have {table}: "
                f"CREATE PUBLICATION {publication} FOR TABLE {table}"
            )
