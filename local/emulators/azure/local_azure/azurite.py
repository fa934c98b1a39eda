"""The process of Azurite, which is a program of Node."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_shared.serving import end, listens

ROOT = Path(__file__).parents[4]
_NODE = ROOT / "node_modules" / ".bin" / "node"
_PROGRAM = ROOT / ".local" / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"

_START_SECONDS = 60
_STOP_SECONDS = 10


@contextmanager
def azurite(port: int, state: Path, account: str, key: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Azurite on a port of 127.0.0.1 with one account; key: Base64."""
    command = [str(_NODE), str(_PROGRAM), "--location", str(state), "--blobHost", "127.0.0.1"]
    # A client may speak a newer version of the API than Azurite knows; what is asked for here is old.
    options = ["--blobPort", str(port), "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    process = subprocess.Popen(  # noqa: S603 (a program of ours)
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=2,
        env={**os.environ, "AZURITE_ACCOUNTS": f"{account}:{key}"},
    )
    try:
        _await(port, process)
        yield process
    finally:
        end(process, _STOP_SECONDS)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if listens(port):
            return
        time.sleep(0.1)
    raise SystemExit("Azurite did not start; it says why above.")
