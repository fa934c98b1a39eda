"""Runs Azurite with the container of "azure-reviews": ``python -m local_azure --port N --state DIR``.

Prints one line when it serves, and ends on a signal, with its parent, or when Azurite has ended. What it is
told at ``/_control`` is in ``local_shared.objects_control``. The login for the connector is the file
``secret.json`` in the state's folder, that of the owner ``owner.json``.
"""

import argparse
import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas
from local_shared.objects_control import ObjectsControl
from local_shared.review_files import MARKER
from local_shared.serving import free_port, reason_to_end, serve

from local_azure.azurite import ROOT, azurite
from local_azure.front import Front

_ACCOUNT = "examplereviews"
_CONTRACT = ROOT / "contracts" / "connectors" / "azure-reviews.json"


def main() -> None:
    """Serve until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_azure", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the objects and the logins")
    chosen = parser.parse_args()
    chosen.state.mkdir(parents=True, exist_ok=True)

    stop = reason_to_end()
    key = base64.b64encode(secrets.token_bytes(64)).decode()
    behind = free_port()
    with azurite(behind, chosen.state / "azurite", _ACCOUNT, key) as process:
        Front(chosen.port, behind, _filled(behind, key, chosen.state)).start()
        endpoint = f"http://127.0.0.1:{chosen.port}/{_ACCOUNT}"
        serve("Azurite", endpoint, lambda: process.poll() is not None, stop)


def _filled(port: int, key: str, state: Path) -> ObjectsControl:
    """Make the container, its objects, and a login that may list and read them."""
    objects = json.loads(_CONTRACT.read_text())["objects"]
    owner = {"account_name": _ACCOUNT, "account_key": key}
    service = BlobServiceClient(f"http://127.0.0.1:{port}/{_ACCOUNT}", credential=owner)
    container = service.create_container(objects["container"])

    def write(name: str, content: bytes) -> None:
        container.upload_blob(f"{objects['prefix']}{name}", content, overwrite=True)

    control = ObjectsControl("azure", write)
    control.fill()
    write(MARKER, b"")
    token = generate_container_sas(
        _ACCOUNT,
        objects["container"],
        key,
        permission=ContainerSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(days=1),
    )
    _keep(state / "secret.json", {"sasToken": token})
    _keep(state / "owner.json", owner)
    return control


def _keep(file: Path, login: dict[str, str]) -> None:
    file.touch(0o600)
    file.write_text(json.dumps(login))


if __name__ == "__main__":
    main()
