"""Made-up contacts and cases of two CRMs. Some contacts have the address of a reviewer of the shop."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from local_sources.service import Record

_START = 1_750_000_000
_MINUTE = 60
_COUNTRIES = ("FR", "DE", "GB", "US")
_STATES = ("New", "Working", "Closed")
# The share of tickets that are closed.
_CLOSED = 0.3


def address(number: int) -> str:
    """The address of person `number`."""
    return f"person{number}@example.com"


def salesforce_contact(_name: str, number: int) -> Record:
    """Contact number `number`."""
    changed = _time(number)
    return {
        "Id": f"003A{number:08d}",
        "FirstName": "Ann",
        "LastName": f"Person{number}",
        "Email": address(number).capitalize(),
        "Phone": None,
        "MailingCountry": _COUNTRIES[number % len(_COUNTRIES)],
        "MailingCity": "Springfield",
        "CreatedDate": changed,
        "SystemModstamp": changed,
        "IsDeleted": False,
    }


def salesforce_case(_name: str, number: int) -> Record:
    """Case number `number`, of contact `number`."""
    rng = Random(f"case/{number}")  # noqa: S311 (made-up data)
    changed, state = _time(number), rng.choice(_STATES)
    return {
        "Id": f"500A{number:08d}",
        "CaseNumber": f"{number:08d}",
        "ContactId": f"003A{number:08d}",
        "SuppliedEmail": None,
        "Subject": "It does not work",
        "Description": "It worked yesterday.",
        "Status": state,
        "Priority": "High",
        "Origin": "Email",
        "IsClosed": state == "Closed",
        "CreatedDate": changed,
        "ClosedDate": changed if state == "Closed" else None,
        "SystemModstamp": changed,
        "IsDeleted": False,
    }


def hubspot_ticket(_name: str, number: int) -> Record:
    """Ticket number `number`, of contact `number`."""
    rng = Random(f"ticket/{number}")  # noqa: S311 (made-up data)
    changed, closed = _hubspot_time(number), rng.random() < _CLOSED
    properties = {
        "subject": "It does not work",
        "content": "It worked yesterday.",
        "hs_pipeline_stage": "4" if closed else "1",
        "hs_ticket_priority": "HIGH",
        "source_type": "EMAIL",
        "createdate": changed,
        "hs_lastmodifieddate": changed,
        "closed_date": changed if closed else None,
    }
    of_contact = {"id": _hubspot_id(number), "type": "ticket_to_contact"}
    return {
        "id": str(9_001 + number),
        "properties": properties,
        "createdAt": changed,
        "updatedAt": changed,
        "archived": False,
        "associations": {"contacts": {"results": [of_contact]}},
    }


def hubspot_contact(_name: str, number: int) -> Record:
    """Contact number `number` of the list: the same persons as in Salesforce, and more."""
    changed = _hubspot_time(number)
    properties = {
        "email": address(number),
        "firstname": "Ann",
        "lastname": f"Person{number}",
        "lifecyclestage": "customer",
        "createdate": changed,
        "lastmodifieddate": changed,
    }
    return {
        "id": _hubspot_id(number),
        "properties": properties,
        "createdAt": changed,
        "updatedAt": changed,
        "archived": False,
    }


def _hubspot_id(number: int) -> str:
    return str(51 + number)


def _hubspot_time(number: int) -> str:
    return _time(number).replace("+0000", "Z")


def _time(number: int) -> str:
    moment = datetime.fromtimestamp(_START + number * _MINUTE, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
