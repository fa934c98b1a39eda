"""The server's own life: ready, gone with its parent, and what survives it."""
# ruff: noqa: S603 (the tests start their own programs)

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Raw
from emulator_process import ROOT, Server, environment
from support import Session, review, start_snowflake


@pytest.fixture
def own_server(aws: Server, tmp_path: Path) -> Iterator[Server]:
    """A server for one test."""
    started = start_snowflake(tmp_path, aws)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_complaint(own_server: Server, ending: signal.Signals) -> None:
    own_server.process.send_signal(ending)
    assert own_server.process.wait(10) == 0


def test_closing_standard_input_ends_it(own_server: Server) -> None:
    assert own_server.process.stdin is not None
    own_server.process.stdin.close()
    assert own_server.process.wait(10) == 0


def test_it_listens_on_this_machine_only(own_server: Server) -> None:
    listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert [
        line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{own_server.port}")
    ] == [f"127.0.0.1:{own_server.port}"]


@pytest.mark.parametrize("end", [Server.stop, lambda server: (server.process.kill(), server.process.wait())])
def test_everything_survives_a_restart(
    own_server: Server, aws: Server, s3: object, end: Callable[[Server], object]
) -> None:
    before = Session(own_server)
    before.run(
        "CREATE DATABASE KEPT",
        "CREATE SCHEMA KEPT.RAW COMMENT = 'layer'",
        "CREATE ROLE KEEPER",
        "GRANT USAGE ON DATABASE KEPT TO ROLE KEEPER",
        "CREATE STORAGE INTEGRATION KEPT_S3 TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        " STORAGE_AWS_ROLE_ARN = 'arn' STORAGE_ALLOWED_LOCATIONS = ('s3://processed/tables/')",
        "CREATE FILE FORMAT KEPT.RAW.PARQUET TYPE = PARQUET",
        "CREATE STAGE KEPT.RAW.PUBLISHED URL = 's3://processed/tables/' STORAGE_INTEGRATION = KEPT_S3",
        "CREATE TABLE KEPT.RAW.PLAIN (ID NUMBER, V VARCHAR(5)) COMMENT = 'it''s'",
        "INSERT INTO KEPT.RAW.PLAIN VALUES (1, 'x')",
        "CREATE VIEW KEPT.RAW.SEEN AS SELECT * FROM KEPT.RAW.PLAIN",
    )
    raw = Raw(before, s3, "KEPT")
    raw.put([review(1), review(2)], "2026-11-20", "b1")
    raw.create()
    tables = before.rows("SHOW TABLES IN SCHEMA KEPT.RAW")
    integration = before.rows("DESC INTEGRATION KEPT_S3")
    end(own_server)

    again = start_snowflake(own_server.state, aws)
    try:
        after = Session(again)
        assert after.rows("SELECT * FROM KEPT.RAW.SEEN") == [(1, "x")]
        assert after.value("SELECT COUNT(*) FROM KEPT.RAW.REVIEWS") == 2
        assert after.rows("SHOW TABLES IN SCHEMA KEPT.RAW") == tables
        assert after.rows("DESC INTEGRATION KEPT_S3") == integration
        assert [grant["name"] for grant in after.records("SHOW GRANTS TO ROLE KEEPER")] == ["KEPT"]
    finally:
        again.stop()


def test_every_private_name_is_checked_at_start() -> None:
    code = (
        "from local_snowflake.pinned import private\n"
        "private('merge', 'fakesnow.cursor', 'FakeSnowflakeCursor._gone')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment("snowflake")
    )
    requirements = (ROOT / "local/emulators/snowflake/requirements.in").read_text().splitlines()
    pin = next(line for line in requirements if line.startswith("fakesnow"))
    assert result.returncode != 0
    assert "extension 'merge' needs fakesnow.cursor.FakeSnowflakeCursor._gone" in result.stderr
    assert pin.partition("==")[2] in result.stderr
