"""The PostgreSQL of this machine: as strict as one in an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from database import PASSWORD, Database


def connect(database: Database, **more: Any) -> psycopg.Connection[Any]:
    login = {"user": database.name, "password": PASSWORD, "dbname": database.name} | more
    return psycopg.connect(host="127.0.0.1", port=database.port, **login)


def test_it_serves_with_tls_under_a_certificate_that_can_be_checked(postgres: Database) -> None:
    with connect(postgres, sslmode="verify-full", sslrootcert=str(postgres.authority)) as connection:
        assert connection.pgconn.ssl_in_use
        assert connection.execute("show server_version").fetchone() == ("18.6",)


def test_its_certificate_is_not_that_of_another_authority(postgres: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(postgres, sslmode="verify-full", sslrootcert=str(other))


def test_it_refuses_a_wrong_password(postgres: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(postgres, password="wrong")  # noqa: S106 (made up)


def test_it_decodes_changes(postgres: Database) -> None:
    with connect(postgres, autocommit=True, sslmode="disable") as connection:
        connection.execute("create table decoded (id int primary key)")
        slot = "select pg_create_logical_replication_slot('decoded', 'pgoutput', true)"
        assert connection.execute(slot.encode()).fetchone()
        connection.execute("create publication decoded for table decoded")
        connection.execute("insert into decoded values (1)")
        changes = "select data from pg_logical_slot_get_binary_changes('decoded', null, null, %s, %s, %s, %s)"
        options = ("proto_version", "4", "publication_names", "decoded")
        kinds = [data[:1] for (data,) in connection.execute(changes.encode(), options)]
        assert kinds == [b"B", b"R", b"I", b"C"]
        connection.execute("drop table decoded")
        connection.execute("drop publication decoded")
        connection.execute("select pg_drop_replication_slot('decoded')")
