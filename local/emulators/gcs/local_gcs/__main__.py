"""Serves the bucket of "gcs-reviews": ``python -m local_gcs --port N --state DIR``.

Prints one line when it serves, and ends on a signal or with its parent. What it is told at ``/_control`` is
in ``local_shared.objects_control``. The login for the connector is the file ``secret.json`` in the state's
folder: the key of a service account.
"""

import argparse
import json
import os
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

from local_shared.objects_control import ObjectsControl
from local_shared.serving import reason_to_end

from local_gcs.server import Server

_CONTRACT = Path(__file__).parents[4] / "contracts" / "connectors" / "gcs-reviews.json"
_WRITING = "https://www.googleapis.com/auth/devstorage.read_write"


def main() -> None:
    """Serve until a signal comes or the parent is gone."""
    parser = argparse.ArgumentParser(prog="python -m local_gcs", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the login")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = reason_to_end()
    server = Server(chosen.port)
    server.start()
    _fill(server)
    secret = chosen.state / "secret.json"
    secret.touch(0o600)
    secret.write_text(json.dumps(server.tokens.key_file()))
    print(json.dumps({"ready": True, "endpoint": server.address, "pid": os.getpid()}), flush=True)
    stop.wait()
    server.shutdown()


def _fill(server: Server) -> None:
    """Make the bucket and its objects."""
    objects = json.loads(_CONTRACT.read_text())["objects"]
    token = server.tokens.of_scopes(_WRITING)["access_token"]

    def post(path: str, body: bytes, kind: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        with urlopen(Request(f"{server.address}{path}", body, headers)):  # noqa: S310 (a server of ours)
            pass

    bucket = objects["container"]
    post("/storage/v1/b?project=example", json.dumps({"name": bucket}).encode(), "application/json")

    def write(name: str, content: bytes) -> None:
        named = quote(objects["prefix"] + name, safe="")
        post(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={named}", content, "text/plain")

    control = ObjectsControl("gcs", write)
    # Without the marker: the emulator fails at empty objects.
    control.fill()
    server.control = control


if __name__ == "__main__":
    main()
