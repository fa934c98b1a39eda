"""A store of states and objects that can end a run."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from connector.errors import OvertakenError
from connector.journal import Entry
from connector.state import State
from local_sources.service import Record


class KilledError(BaseException):
    """The function was ended."""


@dataclass
class MemoryStore:
    """A store that can end the run before or after any of its writes, as AWS may."""

    entries: dict[str, Entry] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    puts: int = 0
    # Writes until the run is ended, and whether the last of them is performed.
    kill_in: int | None = None
    performed: bool = False

    def load(self, stream: str) -> Entry:
        return self.entries.get(stream, Entry(State()))

    def save(self, stream: str, entry: Entry) -> None:
        if self.load(stream).revision != entry.revision - 1:
            raise OvertakenError
        # As DynamoDB keeps it.
        state = State.from_item(entry.state.as_item())
        self._write(lambda: self.entries.__setitem__(stream, Entry(state, entry.pending, entry.revision)))

    def has(self, key: str) -> bool:
        return key in self.objects

    def put(self, key: str, body: bytes) -> None:
        self.puts += 1
        self._write(lambda: self.objects.__setitem__(key, body))

    def _write(self, action: Any) -> None:
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in == 0:
                self.kill_in = None
                if self.performed:
                    action()
                raise KilledError
        action()

    def rows(self) -> list[Record]:
        lines = (
            line for key in sorted(self.objects) for line in gzip.decompress(self.objects[key]).splitlines()
        )
        return [json.loads(line) for line in lines]
