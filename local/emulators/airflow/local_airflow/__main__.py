"""Starts the local Airflow and keeps it up: ``python -m local_airflow --port N --state DIR …``.

Prints one line when it serves, and ends on a signal or with its parent.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from local_shared.serving import reason_to_end

from local_airflow import configuration, options, process_tree
from local_airflow.options import Options

# Airflow's processes. Tasks do not wait for triggers here, so there is no triggerer; logs are read from the
# folder, so the scheduler serves none on a port of its own.
_COMPONENTS = {
    "api-server": ("--host", "127.0.0.1", "--workers", "1"),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
}

# Where each component reports that it lives: "Checking Airflow health status" in Airflow's documentation.
_HEALTH = "/api/v2/monitor/health"
_HEALTHY = ("metadatabase", "scheduler", "dag_processor")

_PROBE_SECONDS = 0.25
_GRACE_SECONDS = 3


def main() -> None:
    """Run until a signal comes, the parent is gone or a component has ended by itself."""
    chosen = options.parse()
    stop = reason_to_end()
    processes = _start(chosen)
    try:
        _keep_up(chosen, processes, stop)
    finally:
        process_tree.end((process.pid for process in processes.values()), _GRACE_SECONDS)


def _start(chosen: Options) -> dict[str, subprocess.Popen[bytes]]:
    chosen.state.mkdir(parents=True, exist_ok=True)
    chosen.dags.mkdir(parents=True, exist_ok=True)
    database = chosen.state / "airflow.db"
    if not database.exists():  # else this Airflow has run before, and goes on
        shutil.copyfile(chosen.database, database)
    environment = {**os.environ, **configuration.variables(chosen)}
    arguments = {**_COMPONENTS, "api-server": (*_COMPONENTS["api-server"], "--port", str(chosen.port))}
    return {
        name: _start_component(name, list(given), environment, chosen.state)
        for name, given in arguments.items()
    }


def _start_component(
    name: str, arguments: list[str], environment: dict[str, str], state: Path
) -> subprocess.Popen[bytes]:
    with (state / f"{name}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (this module)
            [sys.executable, "-m", "local_airflow.component", name, *arguments],
            stdin=subprocess.PIPE,  # watched by the component: it closes with this process, however that ends
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=state,
            start_new_session=True,
        )


def _keep_up(chosen: Options, processes: dict[str, subprocess.Popen[bytes]], stop: threading.Event) -> None:
    began = time.monotonic()
    said = False
    while not stop.wait(_PROBE_SECONDS):
        for name, process in processes.items():
            if process.poll() is not None:
                raise SystemExit(f"Airflow's {name} has ended; see {chosen.state / f'{name}.log'}")
        if not said and _healthy(chosen.endpoint):
            seconds = round(time.monotonic() - began, 1)
            ready = {"ready": True, "endpoint": chosen.endpoint, "pid": os.getpid(), "seconds": seconds}
            print(json.dumps(ready), flush=True)
            said = True


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}{_HEALTH}", timeout=5) as answer:  # noqa: S310 (our own server)
            health = json.load(answer)
    except (OSError, urllib.error.URLError):
        return False
    return all(health[component]["status"] == "healthy" for component in _HEALTHY)


if __name__ == "__main__":
    main()
