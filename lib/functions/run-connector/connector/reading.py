"""One list of records, read from where the last run ended until there is nothing new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from connector.budget import Budget
from connector.contract import Stream
from connector.cursor import Cursor
from connector.errors import SourceUnavailableError
from connector.journal import Journal
from connector.page import Page
from connector.part import Part, digest_of
from connector.state import Position, State, newest

# Readings after the first, to find what a deletion has moved to a page that had been read already.
_MORE_READINGS = 3


class Readable(Protocol):
    """What is known of a connector, whatever the kind of its source."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def source(self) -> str:
        """Source contract by which its records are read."""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Its lists."""

    @property
    def cursor(self) -> Cursor | None:
        """By which a run knows what is new."""

    @property
    def moves(self) -> bool:
        """Whether a record that is deleted moves others to pages that were read already."""


class Source(Protocol):
    """What gives the pages of a list."""

    def pages(self, stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
        """The pages from a position on."""

    def count(self, stream: Stream, highest: float | None) -> int | None:
        """Records of the list with cursors up to the highest; None where they cannot be counted."""

    def verify(self, stream: Stream) -> None:
        """Raise ConnectorError for records that no run can find, once all others are stored."""


@dataclass
class Figures:
    """What a run has done."""

    received: int = 0
    stored: int = 0
    without_cursor: int = 0
    objects: int = 0

    def add(self, other: Figures) -> None:
        """Add the figures of another list."""
        self.received += other.received
        self.stored += other.stored
        self.without_cursor += other.without_cursor
        self.objects += other.objects


class Reading:
    """Reads a list, and stores what has not been stored yet.

    A record is new if its content is: known ones are told by their digests, as long as they may come again.
    """

    def __init__(
        self,
        contract: Readable,
        stream: Stream,
        journal: Journal,
        budget: Budget,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.figures = Figures()
        self._cursor = contract.cursor
        self._moves = contract.moves
        self._name = contract.name
        self._stream = stream
        self._journal = journal
        self._budget = budget
        self._now = now
        state = journal.state
        self._since = self._behind(state.watermark)
        self._highest = state.watermark if state.highest is None else state.highest
        self._seen = dict(state.seen)
        self._part = Part()
        self._pages = 0
        # Of a further reading: the newest cursor before it, and records missed, which are not newer.
        self._known: float | None = None
        self._late = 0

    def read(self, source: Source) -> bool:
        """Read until the end of the list, or of the budget; tells whether the end was reached."""
        position = self._journal.state.position
        ended = self._read_pages(source, position)
        again = self._moves and position is None and self._pages > 1
        for _ in range(_MORE_READINGS):
            if not (ended and again):
                break
            self._known, self._late = self._highest, 0
            ended = self._read_pages(source, None)
            again = self._late > 0
        if not ended:
            return False
        if again:
            raise SourceUnavailableError(
                f"Connector {self._name}: the list {self._stream.name} changes faster than it can be read; "
                "it is read again later. If this goes on, ask for less of it: a cursor with a parameter."
            )
        self._finish(source)
        return True

    def _read_pages(self, source: Source, position: Position | None) -> bool:
        """Read up to the end of the list; False where the budget ended first."""
        for page in source.pages(self._stream, self._since, position):
            older = [self._take(record) for record in page.records]
            self._pages += bool(older)
            if page.position is None or (older and all(older) and self._newest_first):
                break
            spent = self._budget.calls_spent or self._budget.time_spent
            if spent or self._part.is_full:
                self._store(replace(self._journal.state, position=page.position, highest=self._highest))
            if spent:
                return False
        return True

    @property
    def _newest_first(self) -> bool:
        return self._cursor is not None and self._cursor.newest_first

    def _take(self, record: Any) -> bool:
        """Take a record, if it is new; tells whether it is older than what is looked for."""
        self.figures.received += 1
        value = self._cursor.value(record) if self._cursor else None
        if self._cursor and value is None:
            self.figures.without_cursor += 1
        if value is not None and self._since is not None and value < self._since:
            return True
        if isinstance(record, dict):
            record = {**record, **self._stream.added}
        digest = digest_of(record)
        if digest not in self._seen:
            self._part.add(record)
            self.figures.stored += 1
            self._late += value is None or (self._known is not None and value <= self._known)
        if value is not None and self._cursor is not None:
            value = self._cursor.known(value, self._now())
            self._highest = value if self._highest is None else max(self._highest, value)
        # A record without a cursor comes again as long as the list has it: it stays among the newest.
        self._seen[digest] = value if value is not None else self._highest or 0.0
        return False

    def _finish(self, source: Source) -> None:
        state = self._journal.state
        counted = source.count(self._stream, self._highest) if self.figures.stored else state.counted
        self._store(replace(state, watermark=self._highest, position=None, highest=None, counted=counted))

    def _behind(self, watermark: float | None) -> float | None:
        return None if watermark is None or self._cursor is None else watermark - self._cursor.overlap

    def _store(self, state: State) -> None:
        body, records = self._part.body(), self._part.records
        self._part = Part()
        if body is not None:
            self.figures.objects += 1
            state = replace(state, sequence=state.sequence + 1, stored=state.stored + records)
        kept = newest(self._seen, self._behind(state.watermark))
        if not self._moves:
            self._seen = kept
        self._journal.commit(replace(state, seen=kept), body)
