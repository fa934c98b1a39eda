"""Objects and cursor move together, though they are in two services.

First what will be stored is noted, then it is stored, then the cursor moves. A run that was ended in between
is completed by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from connector.state import State


@dataclass(frozen=True)
class Pending:
    """An object that was about to be stored, and the state that holds once it is."""

    key: str
    state: State


@dataclass(frozen=True)
class Entry:
    """revision: number of writes so far; a writer who knows an older one has been overtaken."""

    state: State
    pending: Pending | None = None
    revision: int = 0


class Store(Protocol):
    """Where states and objects are."""

    def load(self, stream: str) -> Entry:
        """The entry of a list; an empty one where there is none."""

    def save(self, stream: str, entry: Entry) -> None:
        """Write an entry, if its predecessor is still there; else OvertakenError."""

    def has(self, key: str) -> bool:
        """Whether the object is there."""

    def put(self, key: str, body: bytes) -> None:
        """Store an object, whole or not at all."""


class Journal:
    """The state of one list of records, and the only way in which it changes."""

    def __init__(self, store: Store, stream: str, prefix: str) -> None:
        self._store = store
        self._stream = stream
        self._prefix = prefix
        self._entry = store.load(stream)
        self._settle()

    @property
    def state(self) -> State:
        """The state after all that is stored."""
        return self._entry.state

    def commit(self, state: State, body: bytes | None) -> None:
        """Store an object, if there is something to store, and move on to the state."""
        if body is not None:
            # The content is in the name: a repetition stores the same object under the same name.
            key = f"{self._prefix}{state.sequence:08d}-{sha256(body).hexdigest()[:16]}.jsonl.gz"
            self._save(self._entry.state, Pending(key, state))
            self._store.put(key, body)
        if body is not None or state != self._entry.state:
            self._save(state, None)

    def _settle(self) -> None:
        """Complete what a run has left behind: what it stored counts, what it did not store is read again."""
        pending = self._entry.pending
        if pending is None:
            return
        self._save(pending.state if self._store.has(pending.key) else self._entry.state, None)

    def _save(self, state: State, pending: Pending | None) -> None:
        entry = Entry(state, pending, self._entry.revision + 1)
        self._store.save(self._stream, entry)
        self._entry = entry
