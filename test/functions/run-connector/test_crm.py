"""CRMs against real servers: SOQL with its batches, lists of archived and other objects, what has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connector.contract import Contract
from connector.errors import ConnectorError, SourceUnavailableError
from connector.rest import RestSource
from connector.run import run
from lists import budget
from local_sources.crm import hubspot_contact, hubspot_ticket, salesforce_case, salesforce_contact
from local_sources.hubspot import Hubspot
from local_sources.salesforce import Salesforce
from local_sources.server import Server
from local_sources.service import Answer
from memory_store import MemoryStore

SECRET = "do-not-show-me"  # noqa: S105 (made up)
SECRETS = {"salesforce": {"clientId": "me", "clientSecret": SECRET}, "hubspot": {"token": SECRET}}
FOLDER = Path(__file__).parents[3] / "contracts" / "connectors"
CHANGED = "2026-01-02T03:04:05.000"


OBJECTS = {
    "salesforce-contacts": ("Contact", salesforce_contact),
    "salesforce-cases": ("Case", salesforce_case),
    "hubspot-contacts": ("contacts", hubspot_contact),
    "hubspot-tickets": ("tickets", hubspot_ticket),
}


class Crm:
    """A CRM with one object of 450 records, and a connector to it."""

    def __init__(self, connector: str) -> None:
        self.name, record = OBJECTS[connector]
        self.records = [record(self.name, number) for number in range(450)]
        objects = {self.name: self.records}
        service = Salesforce(objects, SECRET) if "salesforce" in connector else Hubspot(objects, SECRET)
        self.server = Server(service)
        self.contract = Contract.of(json.loads((FOLDER / f"{connector}.json").read_text()))
        self.store = MemoryStore()

    def run(self, secret: str = SECRET) -> dict[str, Any]:
        name = str((self.contract.authentication or {})["secret"])
        secrets = {key: secret if value == SECRET else value for key, value in SECRETS[name].items()}
        source = RestSource(self.contract, secrets, budget(), address=self.server.address, backoff=0)
        return run(self.contract, source, self.store, budget())

    def change(self, number: int, **more: Any) -> None:
        salesforce = "SystemModstamp" in self.records[0]
        when = {"SystemModstamp": f"{CHANGED}+0000"} if salesforce else {"updatedAt": f"{CHANGED}Z"}
        self.records[number].update({**when, **more})

    def ids(self) -> list[str]:
        return [str(row.get("Id") or row["id"]) for row in self.store.rows()]


@pytest.fixture(params=OBJECTS)
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    started = Crm(request.param)
    started.server.start()
    yield started
    started.server.stop()


def test_a_first_load_stores_everything_an_idle_run_nothing_and_a_later_one_what_has_changed(
    crm: Crm,
) -> None:
    assert crm.run()["stored"] == 450
    assert len(set(crm.ids())) == 450
    assert crm.run()["stored"] == 0
    crm.change(3)
    crm.change(7)
    assert crm.run()["stored"] == 2
    assert SECRET not in str(crm.store.entries)


def test_a_record_that_is_deleted_at_its_source_comes_once_more(crm: Crm) -> None:
    crm.run()
    deleted = {"IsDeleted": True} if "Id" in crm.records[3] else {"archived": True}
    crm.change(3, **deleted)
    assert crm.run()["stored"] == 1
    (found,) = (row for row in crm.store.rows() if deleted.items() <= row.items())
    assert crm.ids().count(str(found.get("Id") or found["id"])) == 2


def test_a_failure_in_the_middle_costs_nothing(crm: Crm) -> None:
    login = [None] if crm.contract.name.startswith("salesforce") else []
    crm.server.faults.extend([*login, None, *[Answer(b"", status=503)] * 5])
    with pytest.raises(SourceUnavailableError):
        crm.run()
    crm.run()
    assert sorted(crm.ids()) == sorted(str(record.get("Id") or record["id"]) for record in crm.records)


def test_wrong_credentials_are_said_at_once(crm: Crm) -> None:
    with pytest.raises(ConnectorError) as raised:
        crm.run("wrong")
    assert "renew the secret" in str(raised.value)
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize("crm", ["salesforce-contacts", "salesforce-cases"], indirect=True)
def test_only_what_changed_is_asked_for_by_the_query(crm: Crm) -> None:
    crm.run()
    crm.run()
    queries = [call.parameters["q"] for call in crm.server.calls if "q" in call.parameters]
    assert "SystemModstamp >= 1970-01-01T00:00:00Z ORDER" in queries[0]
    assert "SystemModstamp >= 2025-06-" in queries[1]
