"""Runs FerretDB: ``MONGODB_PASSWORD=… python -m local_mongodb --port N --state DIR --program FILE``.

Prints one line when it serves, and ends on a signal, with its parent, or when the server has ended. The
authority of its certificate is the file ``authority.pem`` in the state's folder.
"""

import argparse
import os
from pathlib import Path

from local_shared.serving import reason_to_end, serve

from local_mongodb.server import Server


def main() -> None:
    """Serve until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_mongodb", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the data and the authority")
    parser.add_argument("--program", type=Path, required=True, help="FerretDB's program")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = reason_to_end()
    server = Server(chosen.program.resolve(), chosen.state.resolve(), chosen.port)
    with server.running(os.environ["MONGODB_PASSWORD"]):
        endpoint = f"mongodb://127.0.0.1:{chosen.port}"
        serve("FerretDB", endpoint, lambda: server.has_ended, stop)


if __name__ == "__main__":
    main()
