"""Objects of the servers of this machine: Azurite, and an emulator of Google Cloud Storage behind logins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import urlopen

import pytest
from azure.storage.blob import ContainerClient
from connector.azure_objects import AzureObjects
from connector.copied import Copied
from connector.copying import Copying
from connector.errors import ConnectorError
from connector.gcs_objects import GcsObjects
from connector.kinds import contract_of
from connector.objects_contract import ObjectsContract
from connector.objects_source import ChangedError, ObjectSource
from containers import MemoryRaw
from emulator_process import ROOT, Server, python_of
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from lists import budget

pytestmark = pytest.mark.sources
CLIENTS: dict[str, Any] = {"azure": AzureObjects, "gcs": GcsObjects}
BELOW = "reviews/native/"


class Service:
    """A started server, its contract and its logins."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.server = Server.start(name, state)
        found = contract_of(ROOT / "contracts" / "connectors" / f"{name}-reviews.json")
        assert isinstance(found, ObjectsContract)
        self.contract = found
        self.secret: dict[str, str] = json.loads((state / "secret.json").read_text())

    def source(self, secret: dict[str, str] | None = None) -> ObjectSource:
        made: ObjectSource = CLIENTS[self.name](
            self.contract, secret or self.secret, address=self.server.endpoint
        )
        return made

    def copy(self, raw: MemoryRaw) -> dict[str, Any]:
        return Copying(self.contract, self.source(), raw, Copied(raw), budget()).run()

    def tell(self, **form: str) -> None:
        """Tell the server what to do next."""
        address = urljoin(self.server.endpoint, "/_control")
        urlopen(address, urlencode(form).encode()).close()  # noqa: S310 (a server of ours)

    def write(self, name: str, content: bytes) -> None:
        """Write an object as its owner."""
        whole = f"{self.contract.prefix}{name}"
        if self.name == "azure":
            owner = json.loads((self.server.state / "owner.json").read_text())
            of = ContainerClient(self.server.endpoint, self.contract.container, credential=owner)
            of.upload_blob(whole, content, overwrite=True)
            return
        scope = "https://www.googleapis.com/auth/devstorage.read_write"
        credentials = Credentials.from_service_account_info(self.secret, scopes=[scope])  # type: ignore[no-untyped-call]
        path = f"/upload/storage/v1/b/{self.contract.container}/o"
        AuthorizedSession(credentials).post(  # type: ignore[no-untyped-call]
            f"{self.server.endpoint}{path}",
            params={"uploadType": "media", "name": whole},
            data=content,
            headers={"Content-Type": "text/plain"},
        ).raise_for_status()


@pytest.fixture(scope="module", params=["azure", "gcs"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    name: str = request.param
    with pytest.MonkeyPatch.context() as patch:
        # What starts and fills Azurite is in the connectors' environment.
        patch.setenv("PYTHON_AZURE", str(python_of("connectors")))
        started = Service(name, tmp_path_factory.mktemp(name))
    yield started
    assert started.server.stop() == 0


def test_first_load_idle_run_and_changes(service: Service) -> None:
    raw = MemoryRaw()
    first = service.copy(raw)
    assert (first["received"], first["objects"]) == (3, 3)
    folder = f"{BELOW}{service.contract.name}/"
    assert sorted(raw.versions) == [
        f"{folder}2026-05-01.jsonl",
        f"{folder}2026-05-02.jsonl.gz",
        f"{folder}archive/2026-04-30.jsonl",
    ]
    assert service.copy(raw)["objects"] == 0
    service.write("2026-05-01.jsonl", b"changed")
    service.write("é 1.jsonl", b"new")
    assert service.copy(raw)["objects"] == 2
    assert raw.contents()[f"{folder}2026-05-01.jsonl"] == b"changed"
    assert raw.contents()[f"{folder}é 1.jsonl"] == b"new"
    assert service.copy(raw)["objects"] == 0


def test_a_large_object_is_copied_whole(service: Service) -> None:
    content = bytes(range(251)) * 100_000
    service.write("large.jsonl", content)
    raw = MemoryRaw()
    service.copy(raw)
    assert raw.contents()[f"{BELOW}{service.contract.name}/large.jsonl"] == content


def test_an_older_version_is_not_read(service: Service) -> None:
    service.write("busy.jsonl", b"old")
    source = service.source()
    name = f"{service.contract.prefix}busy.jsonl"
    found = source.current(name)
    assert found is not None
    service.write("busy.jsonl", b"new")
    with pytest.raises(ChangedError):
        list(source.chunks(found))
    again = source.current(name)
    assert again is not None
    assert b"".join(source.chunks(again)) == b"new"


def test_an_object_that_is_not_there_is_none(service: Service) -> None:
    assert service.source().current(f"{service.contract.prefix}nothing") is None


def test_a_login_that_is_not_known_is_refused(service: Service) -> None:
    wrong = {
        "azure": {"sasToken": service.secret.get("sasToken", "")[:-4] + "AAAA"},
        "gcs": {**service.secret, "client_email": "somebody@example.iam.gserviceaccount.com"},
    }
    with pytest.raises(ConnectorError, match=f'renew the secret "{service.name}-reviews"'):
        list(service.source(wrong[service.name]).pages())


def test_a_run_that_is_refused_in_its_middle_is_completed_by_the_next(service: Service) -> None:
    wanted = {found.name for page in service.source().pages() for found in page if found.size}
    raw = MemoryRaw()
    # The list, and one object.
    service.tell(refuse="true", after="2")
    with pytest.raises(ConnectorError, match="does not let these credentials read"):
        service.copy(raw)
    assert raw.copies() == 1
    service.tell(refuse="false")
    service.copy(raw)
    assert raw.copies() == len(wanted)
