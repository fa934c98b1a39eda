"""Runs a PostgreSQL: ``POSTGRES_PASSWORD=… python -m local_postgres --port N --state DIR``.

Prints one line when it serves, and ends on a signal, with its parent, or when the server has ended. The
authority of its certificate is the file ``authority.pem`` in the state's folder.
"""

import argparse
import os
from pathlib import Path

from local_shared.serving import free_port, reason_to_end, serve

from local_postgres.cluster import Cluster
from local_postgres.front import Front, certificate


def main() -> None:
    """Serve until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_postgres", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the data and the authority")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = reason_to_end()
    server_port = free_port()
    cluster = Cluster(chosen.state, server_port, os.environ["POSTGRES_PASSWORD"])
    with cluster.running():
        Front(chosen.port, server_port, certificate(chosen.state)).start()
        endpoint = f"postgresql://127.0.0.1:{chosen.port}"
        serve("PostgreSQL", endpoint, lambda: cluster.has_ended, stop)


if __name__ == "__main__":
    main()
