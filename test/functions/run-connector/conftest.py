"""Servers that the tests of databases share.

A server that `npm test` does not install is asked with the option --sources, by `npm run test:sources`. Then
only tests run that ask such a server: those marked "sources", and those of databases, on MariaDB.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra_table import Cluster
from connector.objects_contract import Service
from containers import Container
from database import PASSWORD, Database
from documents import Documents
from emulator_process import ROOT, Server
from local_sources.server import Server as LocalServer

_OPTION = "--sources"
_MARK = "sources"
_ENGINE = "engine"
_MARIADB_JARS = ROOT / ".local" / "mariadb-jars"
_FERRETDB = ROOT / ".local" / "ferretdb" / "ferretdb"
_CASSANDRA_JARS = ROOT / ".local" / "cassandra-jars"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option by which `npm run test:sources` chooses."""
    parser.addoption(_OPTION, action="store_true", help="ask the servers that npm test does not install")


def pytest_configure(config: pytest.Config) -> None:
    """The mark of tests that ask such a server."""
    config.addinivalue_line("markers", f"{_MARK}: asks a server that npm run test:sources installs")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of databases ask the one or the other."""
    if _ENGINE in metafunc.fixturenames:
        engine = "mysql" if metafunc.config.getoption(_OPTION) else "postgresql"
        metafunc.parametrize(_ENGINE, [engine], scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what asks other servers than those that were chosen."""
    chosen = bool(config.getoption(_OPTION))
    kept = [item for item in items if _asks_source(item) == chosen]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _asks_source(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    engine = call.params.get(_ENGINE) if call else None
    return item.get_closest_marker(_MARK) is not None or engine == "mysql"


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


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real MariaDB without tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARIADB_PASSWORD", PASSWORD)
        server = start_mariadb(tmp_path_factory.mktemp("mariadb"))
    yield Database("mysql", "shop", server.port, server.state / "authority.pem")
    assert server.stop() == 0


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real Cassandra without tables."""
    server = start_cassandra(tmp_path_factory.mktemp("cassandra"))
    made = Cluster(server.port, server.state / "authority.pem")
    yield made
    made.close()
    assert server.stop() == 0


@pytest.fixture
def table(cluster: Cluster) -> Cluster:
    """The same for one test, with an empty table "reviews"."""
    cluster.create_reviews()
    return cluster


@pytest.fixture(scope="session")
def server(engine: str, request: pytest.FixtureRequest) -> Database:
    """The server of an engine."""
    found: Database = request.getfixturevalue("postgres" if engine == "postgresql" else "mariadb")
    return found


@pytest.fixture
def database(server: Database) -> Iterator[Database]:
    """The same for one test, with an empty table "reviews"."""
    server.create_reviews()
    yield server
    server.do("drop table if exists reviews")


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


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documents]:
    """A server of MongoDB's protocol without collections."""
    server = start_mongodb(tmp_path_factory.mktemp("mongodb"))
    found = Documents(server.port, server.state / "authority.pem")
    yield found
    found.close()
    assert server.stop() == 0


@pytest.fixture
def documents(mongodb: Documents) -> Iterator[Documents]:
    """The same for one test, with an empty collection "reviews"."""
    mongodb.reviews.create_index([("updated_at", 1), ("_id", 1)])
    yield mongodb
    mongodb.reviews.drop()


def start_mariadb(state: Path, *options: str) -> Server:
    """A MariaDB of its own."""
    return Server.start("mariadb", state, "--jars", str(_MARIADB_JARS), *options)


def start_mongodb(state: Path) -> Server:
    """A server of MongoDB's protocol of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONGODB_PASSWORD", PASSWORD)
        return Server.start("mongodb", state, "--program", str(_FERRETDB))


def start_cassandra(state: Path) -> Server:
    """A Cassandra of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASSANDRA_PASSWORD", PASSWORD)
        return Server.start("cassandra", state, "--jars", str(_CASSANDRA_JARS))
