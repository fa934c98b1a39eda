"""Runs a Cassandra: ``CASSANDRA_PASSWORD=… python -m local_cassandra --port N --state DIR --jars DIR``.

Prints one line when it serves, and ends on a signal, with its parent, or when the server has ended. The
authority of its certificate is the file ``authority.pem`` in the state's folder.
"""

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from local_shared import lifeline

from local_cassandra.server import Server

_CHECK_SECONDS = 0.5


def main() -> None:
    """Serve until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_cassandra", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the data and the authority")
    parser.add_argument("--jars", type=Path, required=True, help="folder of Cassandra's jars")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    lifeline.watch(stop.set)
    server = Server(chosen.jars.resolve(), chosen.state.resolve(), chosen.port)
    with server.running(os.environ["CASSANDRA_PASSWORD"]):
        endpoint = f"cassandra://127.0.0.1:{chosen.port}"
        print(json.dumps({"ready": True, "endpoint": endpoint, "pid": os.getpid()}), flush=True)
        while not stop.wait(_CHECK_SECONDS):
            if server.has_ended:
                raise SystemExit("Cassandra has ended by itself; it says why above.")


if __name__ == "__main__":
    main()
