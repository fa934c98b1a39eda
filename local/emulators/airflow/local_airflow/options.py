"""Command line of the local Airflow."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What one instance is started with.

    port: of the web server, on 127.0.0.1.
    state: folder for everything that is written.
    database: SQLite file with Airflow's tables and nothing in them; the instance works on a copy.
    dags: folder of the DAGs.
    passwords: JSON file {user: password}; every user in it is an administrator.
    """

    port: int
    state: Path
    database: Path
    dags: Path
    passwords: Path

    @property
    def endpoint(self) -> str:
        """URL of the web server, for people and for the REST API."""
        return f"http://127.0.0.1:{self.port}"


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; exits with a usage message if it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m local_airflow", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port of the web server (127.0.0.1 only)")
    for name, meaning in (
        ("state", "folder for everything that is written"),
        ("database", "SQLite file with Airflow's empty tables; it is copied"),
        ("dags", "folder of the DAGs"),
        ("passwords", "JSON file {user: password}"),
    ):
        parser.add_argument(f"--{name}", type=_absolute, required=True, help=meaning)
    return Options(**vars(parser.parse_args(arguments)))


def _absolute(text: str) -> Path:
    return Path(text).absolute()
