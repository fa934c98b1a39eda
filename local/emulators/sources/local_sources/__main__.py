"""Serves made-up reviews as the sources do: ``python -m local_sources --port N --state DIR …``.

Prints one line when it serves, and ends on a signal or with its parent.
"""

import argparse
import json
import os
from pathlib import Path

from local_shared.serving import reason_to_end

from local_sources.app_store import AppStore
from local_sources.business_profile import BusinessProfile
from local_sources.control import Control, List
from local_sources.crm import hubspot_contact, hubspot_ticket, salesforce_case, salesforce_contact
from local_sources.hubspot import Hubspot
from local_sources.reviews import app_store_review, business_review, steam_review, woo_review
from local_sources.salesforce import Salesforce
from local_sources.server import Server
from local_sources.steam import Steam
from local_sources.woo_graphql import WooGraphql

_CONTRACTS = Path(__file__).parents[4] / "contracts" / "connectors"

# More than a page of each service, and less.
_COUNTS = (130, 20)


def main() -> None:
    """Serve until a signal comes or the parent is gone."""
    parser = argparse.ArgumentParser(prog="python -m local_sources", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder; nothing is written there")
    parser.add_argument("--refresh-token", required=True, help="the login of each service that wants one")
    chosen = parser.parse_args()

    apps = {name: List([], steam_review) for name in _values("steam-reviews")}
    store_apps = {name: List([], app_store_review) for name in _values("app-store")}
    locations = {name: List([], business_review) for name in _values("business-profile")}
    products = {name: List([], woo_review) for name in _values("woo-graphql")}
    crm = {
        "Contact": List([], salesforce_contact),
        "Case": List([], salesforce_case),
        "contacts": List([], hubspot_contact),
        "tickets": List([], hubspot_ticket),
    }
    lists = apps | store_apps | locations | products | crm
    for number, (name, found) in enumerate(lists.items()):
        found.add(name, _COUNTS[number % len(_COUNTS)])

    server = Server(
        Steam({name: found.reviews for name, found in apps.items()}),
        AppStore({name: found.reviews for name, found in store_apps.items()}),
        BusinessProfile({name: found.reviews for name, found in locations.items()}, chosen.refresh_token),
        Salesforce({name: crm[name].reviews for name in ("Contact", "Case")}, chosen.refresh_token),
        Hubspot({name: crm[name].reviews for name in ("contacts", "tickets")}, chosen.refresh_token),
        WooGraphql({name: found.reviews for name, found in products.items()}),
        port=chosen.port,
    )
    server.control = Control(lists, server)
    stop = reason_to_end()
    server.start()
    print(json.dumps({"ready": True, "endpoint": server.address, "pid": os.getpid()}), flush=True)
    stop.wait()
    server.stop()


def _values(connector: str) -> list[str]:
    document = json.loads((_CONTRACTS / f"{connector}.json").read_text())
    found: list[str] = document["each"]["values"]
    return found


if __name__ == "__main__":
    main()
