"""A connector takes little of the function's memory: each load is fetched in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator_process import Server as Emulator
from loads import LOADS, MANY, MOST, Load, measure
from local_sources.server import Server

# Servers that `npm test` installs.
_USUAL = ("api", "postgres")

# Many records are the bench's: what they take does not depend on how large they are.
_LOADS = [
    pytest.param(load, id=str(load), marks=() if load.server in _USUAL else pytest.mark.sources)
    for load in LOADS
    if load.records < MANY
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    server = Emulator.start("aws", tmp_path_factory.mktemp("aws"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def api() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("load", _LOADS)
def test_a_load_takes_at_most_400_megabytes(
    load: Load, aws: Emulator, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    peak = measure(load, request.getfixturevalue(load.server), aws, tmp_path)
    assert peak <= MOST, f"{peak / 1_000_000:.0f} MB"
