"""Servers that the tests of databases share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from database import PASSWORD, Database
from emulator_process import Server


def pytest_configure(config: pytest.Config) -> None:
    """The mark of tests that ask a server which not every machine has."""
    config.addinivalue_line("markers", "sources: asks a server that npm run test:sources installs")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real PostgreSQL without tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTGRES_PASSWORD", PASSWORD)
        # As root, it runs as a user who cannot enter such a folder.
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("closed")))
        server = Server.start("postgres", tmp_path_factory.mktemp("postgres"))
    yield Database("postgresql", "postgres", server.port, server.state / "authority.pem")
    assert server.stop() == 0


@pytest.fixture
def database(postgres: Database) -> Iterator[Database]:
    """The same for one test, with an empty table "reviews"."""
    postgres.do(
        "create table reviews (id integer primary key, body text, updated_at timestamptz)",
        "create index on reviews (updated_at, id)",
    )
    yield postgres
    postgres.do("drop table if exists reviews")
