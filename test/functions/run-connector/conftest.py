"""Servers that the tests of databases share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from connector.objects_contract import Service
from containers import Container
from database import PASSWORD, Database
from emulator_process import Server
from local_sources.server import Server as LocalServer


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


@pytest.fixture(params=["azure", "gcs"])
def service(request: pytest.FixtureRequest) -> Service:
    """Whose objects they are."""
    found: Service = request.param
    return found


@pytest.fixture
def container() -> Container:
    """A container with seven objects."""
    found = Container()
    for number in range(7):
        found.put(f"day {number}/é&<{number}>.jsonl", f'{{"review": {number}}}\n'.encode() * (number + 1))
    return found


@pytest.fixture
def cloud(container: Container) -> Iterator[LocalServer]:
    """A server that gives the container's objects as both services do."""
    started = LocalServer(container)
    started.start()
    yield started
    started.stop()
