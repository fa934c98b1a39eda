"""The most memory that a connector takes, by kind of source: many records, large ones, and small parts.

Each load is fetched by the function's code in a process of its own, into the local AWS.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_FOLDERS = ("lib/functions/run-connector", "local/emulators/sources", "local/emulators/testing")
sys.path[:0] = [str(_ROOT / folder) for folder in (*_FOLDERS, "test/functions/run-connector")]

from cassandra_table import Cluster  # noqa: E402
from conftest import start_cassandra, start_mariadb, start_mongodb  # noqa: E402
from database import PASSWORD, Database  # noqa: E402
from documents import Documents  # noqa: E402
from emulator_process import Server as Emulator  # noqa: E402
from large_object import Ends, copy_large  # noqa: E402
from loads import LOADS, MEGABYTE, MOST, measure  # noqa: E402
from local_sources.server import Server  # noqa: E402


class Servers:
    """Those that were asked for so far."""

    def __init__(self, state: Path, ending: ExitStack) -> None:
        self._state = state
        self._ending = ending
        self._started: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._started:
            print(f"Starting {name} …", file=sys.stderr)
            self._started[name] = getattr(self, f"_{name}")()
        return self._started[name]

    def _run(self, name: str, start: Callable[[Path], Emulator]) -> tuple[int, Path]:
        (self._state / name).mkdir()
        server = start(self._state / name)
        self._ending.callback(server.stop)
        return server.port, server.state / "authority.pem"

    def _api(self) -> Server:
        server = Server()
        server.start()
        self._ending.callback(server.stop)
        return server

    def _postgres(self) -> Database:
        place = self._run("postgres", lambda state: Emulator.start("postgres", state))
        return Database("postgresql", "postgres", *place)

    def _mariadb(self) -> Database:
        return Database("mysql", "shop", *self._run("mariadb", start_mariadb))

    def _mongodb(self) -> Documents:
        return Documents(*self._run("mongodb", start_mongodb))

    def _cluster(self) -> Cluster:
        return Cluster(*self._run("cassandra", start_cassandra))


def main() -> None:
    """Run the bench."""
    kinds = [*dict.fromkeys(load.kind for load in LOADS), "objects"]
    parser = argparse.ArgumentParser(prog="npm run bench -- connector-memory", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=kinds, default=kinds, help="of sources (default: all)")
    chosen = parser.parse_args()
    os.environ |= {f"{name}_PASSWORD": PASSWORD for name in ("POSTGRES", "MARIADB")}
    print(f"{'':60} {'measured':>9} {'aim':>8}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ending:
        # As root, PostgreSQL runs as a user who cannot enter the folder otherwise.
        state = Path(folder)
        (state / "aws").mkdir()
        aws = Emulator.start("aws", state / "aws")
        ending.callback(aws.stop)
        servers = Servers(state, ending)
        for load in LOADS:
            if load.kind in chosen.kinds:
                _report(str(load), measure(load, servers[load.server], aws, state))
        if "objects" in chosen.kinds:
            for service in ("azure", "gcs"):
                with Ends.serving() as ends:
                    _report(f"objects of {service}, one of 1 GiB", copy_large(ends, service))


def _report(what: str, peak: int) -> None:
    met = "met" if peak <= MOST else "missed"
    print(f"{what:60} {peak / MEGABYTE:6.0f} MB ≤ {MOST / MEGABYTE:.0f} MB  {met}", flush=True)


if __name__ == "__main__":
    main()
