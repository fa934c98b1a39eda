"""One call of the function: the lists of a connector, one after the other."""

from __future__ import annotations

from typing import Any

from connector.budget import Budget
from connector.contract import Stream
from connector.errors import ConnectorError, SourceUnavailableError
from connector.journal import Journal, Store
from connector.reading import Figures, Readable, Reading, Source


def run(
    contract: Readable,
    source: Source,
    store: Store,
    budget: Budget,
    first: int = 0,
) -> dict[str, Any]:
    """Read the lists from number `first` on; returns figures, and the list to go on with if time was short.

    One list that fails keeps no other from being read. Raises the error of those that did.
    """
    figures = Figures()
    failures: list[ConnectorError | SourceUnavailableError] = []
    following = None
    for number, stream in enumerate(contract.streams[first:], start=first):
        if budget.calls_spent:
            break
        if budget.time_spent:
            following = number
            break
        try:
            reading = _reading(contract, stream, store, budget)
            ended = reading.read(source)
            figures.add(reading.figures)
            if ended:
                source.verify(stream)
        except (ConnectorError, SourceUnavailableError) as error:
            failures.append(error)
            continue
        if not ended and not budget.calls_spent:
            following = number
            break
    if failures:
        raise _together(failures)
    return {
        "received": figures.received,
        "stored": figures.stored,
        "withoutCursor": figures.without_cursor,
        "objects": figures.objects,
        "calls": budget.calls,
        "callsSpent": budget.calls_spent,
        **({"next": following} if following is not None else {}),
    }


def _reading(contract: Readable, stream: Stream, store: Store, budget: Budget) -> Reading:
    prefix = f"reviews/{contract.source}/{contract.name}/{stream.folder}/"
    return Reading(contract, stream, Journal(store, stream.name, prefix), budget)


def _together(failures: list[ConnectorError | SourceUnavailableError]) -> Exception:
    """One error for all: lasting if one of them is, and each sentence once."""
    lasting = next((error for error in failures if isinstance(error, ConnectorError)), None)
    text = " ".join(dict.fromkeys(str(error) for error in failures))
    return ConnectorError(text) if lasting else SourceUnavailableError(text)
