"""Runs a MariaDB: ``MARIADB_PASSWORD=… python -m local_mariadb --port N --state DIR --jars DIR``.

Prints one line when it serves, and ends on a signal, with its parent, or when the server has ended. The
authority of its certificate is the file ``authority.pem`` in the state's folder.
"""

import argparse
import os
from pathlib import Path

from local_shared.serving import reason_to_end, serve

from local_mariadb.programs import unpacked
from local_mariadb.server import Server


def main() -> None:
    """Serve until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_mariadb", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the data and the authority")
    parser.add_argument("--jars", type=Path, required=True, help="folder of the package that MariaDB is in")
    parser.add_argument("--no-tls", action="store_true", help="take connections without TLS, and no others")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = reason_to_end()
    server = Server(
        unpacked(chosen.jars.resolve()), chosen.state.resolve(), chosen.port, tls=not chosen.no_tls
    )
    with server.running(os.environ["MARIADB_PASSWORD"]):
        endpoint = f"mysql://127.0.0.1:{chosen.port}"
        serve("MariaDB", endpoint, lambda: server.has_ended, stop)


if __name__ == "__main__":
    main()
