"""The stream: every change that was committed after the slot's beginning, in the order of the commits."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from local_dms.files import Files, Written
from local_dms.pgoutput import (
    UNCHANGED,
    Begin,
    Change,
    Commit,
    Relation,
    Row,
    Truncate,
    decode,
)
from local_dms.settings import Settings
from local_dms.slot import ReplicationError, connect_for_replication

_LONGEST_WAIT_SECONDS = 0.2
_STATUS_SECONDS = 5.0


class Stream:
    """Reads changes and stores them; what is stored is confirmed, so that the server need not keep it."""

    def __init__(self, settings: Settings, files: Files) -> None:
        self._settings = settings
        self._files = files
        self._relations: dict[int, Relation] = {}
        self._rows: list[Written] = []
        self._size = 0
        self._began = 0.0
        self._committed_at = datetime.min
        self._latest = datetime.min
        self._hundredths = ""
        self._number = 0
        self._committed_to: int | None = None
        self.changes = 0
        """Changes that are stored."""
        self.files = 0

    def run(self, go_on: Callable[[], bool]) -> None:
        """Store changes until told to stop; what was read whole is stored then, too.

        Raises:
            ReplicationError: the table is not as it must be; the slot stays where it is, and keeps all.
        """
        replication = connect_for_replication(self._settings.source)
        try:
            cursor = replication.cursor()
            cursor.start_replication(
                slot_name=self._settings.name,
                options={"proto_version": "1", "publication_names": self._settings.name},
                status_interval=_STATUS_SECONDS,
            )
            self._read(cursor, go_on)
        finally:
            replication.close()

    def _read(self, cursor: Any, go_on: Callable[[], bool]) -> None:
        in_transaction = False
        while go_on() or in_transaction:
            message = cursor.read_message()
            if message is None:
                if not in_transaction and self._is_due():
                    self._store(cursor)
                # Answers the server's questions too, with what is confirmed.
                select.select([cursor], [], [], _LONGEST_WAIT_SECONDS)
                continue
            found = decode(message.payload)
            if isinstance(found, Change):
                self._add(found)
                self._size += len(message.payload)
            elif isinstance(found, Begin):
                in_transaction = True
                self._begin(found)
            elif isinstance(found, Commit):
                in_transaction = False
                self._committed_to = found.end_lsn
                if not self._rows or self._is_due():
                    self._store(cursor)
            elif isinstance(found, Relation):
                self._relations[found.oid] = found
            elif isinstance(found, Truncate):
                raise ReplicationError(
                    f"{self._settings.source.table} was truncated, which no file can say: publish only "
                    "insert, update and delete, and delete rows instead"
                )
        self._store(cursor)

    def _is_due(self) -> bool:
        """Whether a file is due by its age or its size, whichever comes first; a transaction stays whole."""
        target = self._settings.target
        return bool(self._rows) and (
            time.monotonic() - self._began >= target.max_batch_seconds
            or self._size >= target.min_file_kilobytes * 1024
        )

    def _add(self, change: Change) -> None:
        relation = self._relations[change.relation_oid]
        if not self._rows:
            self._began = time.monotonic()
        values = _values(change, relation)
        self._number += 1
        place = f"{self._hundredths}{self._number:019}"
        self._rows.append(Written(change.op, self._committed_at, place, relation, values))

    def _begin(self, begin: Begin) -> None:
        """The 35 digits of a change: time of its commit to a hundredth, and a number that grows by commits.

        AR_H_CHANGE_SEQ, "Using transformation rule expressions to define column content", AWS DMS User Guide.
        """
        self._committed_at = begin.committed_at
        # A clock that is set back is not followed.
        self._latest = max(self._latest, begin.committed_at)
        self._hundredths = f"{self._latest:%Y%m%d%H%M%S}{self._latest.microsecond // 10_000:02}"
        self._number = max(self._number, begin.commit_lsn)

    def _store(self, cursor: Any) -> None:
        """Store what is read, then confirm it: a kill in between makes a file twice, and loses none."""
        stored = bool(self._rows)
        if stored:
            self.files += self._files.store_changes(self._rows)
            self.changes += len(self._rows)
            self._rows, self._size = [], 0
        if self._committed_to is not None:
            cursor.send_feedback(flush_lsn=self._committed_to, force=stored)
            self._committed_to = None


def _values(change: Change, relation: Relation) -> list[bytes | None]:
    row = change.new if change.new is not None else change.old
    if row is None:
        raise ReplicationError(
            f"a deletion in {relation.schema}.{relation.table} does not say of which row: "
            f"ALTER TABLE {relation.schema}.{relation.table} REPLICA IDENTITY FULL"
        )
    if UNCHANGED not in row:
        return row  # type: ignore[return-value]
    return [_value(value, place, change.old, relation) for place, value in enumerate(row)]


def _value(value: Any, place: int, old: Row | None, relation: Relation) -> bytes | None:
    if value is UNCHANGED and old is not None:
        value = old[place]
    if value is UNCHANGED:
        raise ReplicationError(
            f"an update leaves out the large value of {relation.columns[place].name}: "
            f"ALTER TABLE {relation.schema}.{relation.table} REPLICA IDENTITY FULL, then reload the target"
        )
    return value  # type: ignore[no-any-return]
