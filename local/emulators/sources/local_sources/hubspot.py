"""HubSpot: objects of the CRM, a page at a time.

"CRM API | Contacts" and "CRM API | Tickets", HubSpot developer documentation.
"""

from __future__ import annotations

import re

from local_sources.service import Answer, Record, Request

_PATH = re.compile(r"^/crm/v3/objects/(\w+)$")
_LARGEST_PAGE = 100
_USUAL_PAGE = 10


class Hubspot:
    """Records by object, for who has the token; archived ones apart."""

    def __init__(self, objects: dict[str, list[Record]], token: str) -> None:
        self.objects = objects
        self._token = token

    def __call__(self, request: Request) -> Answer | None:
        found = _PATH.match(request.path)
        if not found:
            return None
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return Answer({"status": "error", "category": "INVALID_AUTHENTICATION"}, status=401)
        records = self.objects.get(found[1])
        if records is None:
            return Answer({"status": "error", "category": "OBJECT_NOT_FOUND"}, status=404)
        return _page(records, request)


def _page(records: list[Record], request: Request) -> Answer:
    size = int(request.parameters.get("limit", _USUAL_PAGE))
    if size > _LARGEST_PAGE:
        return Answer({"status": "error", "category": "VALIDATION_ERROR"}, status=400)
    archived = request.parameters.get("archived", "false") == "true"
    after = int(request.parameters.get("after", "0"))
    listed = [record for record in records if record["archived"] == archived and int(record["id"]) > after]
    page = listed[:size]
    wanted = request.parameters.get("properties", "").split(",")
    associations = request.parameters.get("associations", "").split(",")
    shown = [_shown(record, wanted, associations) for record in page]
    more = {"paging": {"next": {"after": page[-1]["id"]}}} if len(page) < len(listed) else {}
    return Answer({"results": shown, **more})


def _shown(record: Record, wanted: list[str], associations: list[str]) -> Record:
    """A record with the properties and the associations that were asked for, and no others."""
    related = record.get("associations", {})
    asked = {name: related[name] for name in associations if name in related}
    return {
        **{name: value for name, value in record.items() if name != "associations"},
        "properties": {name: record["properties"].get(name) for name in wanted},
        **({"associations": asked} if asked else {}),
    }
