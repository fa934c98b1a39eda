"""One call of the function: what is new or changed in a container of objects is copied to the raw bucket."""

from __future__ import annotations

from typing import Any, Protocol

from connector.budget import Budget
from connector.checked_stream import CheckedStream, OutOfTimeError
from connector.copied import MOST, Copied, named
from connector.errors import ConnectorError, SourceUnavailableError
from connector.objects_contract import ObjectsContract
from connector.objects_source import ChangedError, DifferentError, ObjectSource, SourceObject, UnreadableError

# "Creating object key names", Amazon S3 User Guide (bytes).
LONGEST_KEY = 1_024
# Larger ones come last, so that one that takes too long keeps no other from being copied (bytes).
LARGE = 256 * 1024**2
# Those that no call of the function could copy are not begun: the other cloud bills each gigabyte (bytes).
LARGEST = 20 * 1024**3
# Readings of one object while it changes, or differs from its checksum.
_ATTEMPTS = 3
# Copies after which they are noted; a run that is killed earlier finds them in the raw bucket.
_NOTED_AFTER = 1_000
# Objects that fail one after the other before the run does: refused at once, or after repeated calls.
_REFUSED_IN_A_ROW, _BROKEN_IN_A_ROW = 20, 3
# Objects that an error names.
_NAMED = 5


class RawObjects(Protocol):
    """The copies in the raw bucket."""

    def version(self, key: str) -> str | None:
        """Version of the source's object that is there; None where there is none."""

    def put(self, key: str, found: SourceObject, stream: CheckedStream) -> None:
        """Store an object, whole or not at all; what reading raises comes out."""


class Copying:
    """Copies the objects of a contract.

    Each copy says in its metadata of which version it is. So the next run sees what a run that was killed
    has copied, and could not note.
    """

    def __init__(
        self, contract: ObjectsContract, source: ObjectSource, raw: RawObjects, copied: Copied, budget: Budget
    ) -> None:
        self._contract = contract
        self._source = source
        self._raw = raw
        self._copied = copied
        self._budget = budget
        self._figures = {"received": 0, "stored": 0, "objects": 0, "bytes": 0}
        self._large: list[SourceObject] = []
        self._lasting: dict[str, str] = {}
        self._passing: dict[str, str] = {}
        # Whether this call has done nothing yet but list: what takes too long now always will.
        self._fresh = True
        self._in_a_row = 0

    def run(self) -> dict[str, Any]:
        """Copy until there is nothing left, or the budget is; returns figures, and "next" if time was short.

        Objects that cannot be copied keep no other from it; then raises ConnectorError, or
        SourceUnavailableError where all of them may be readable later.
        """
        try:
            ended = self._all()
        finally:
            self._copied.save()
        # Objects that fail do so again in the next call, which copies what this one had no time for.
        goes_on = not ended and not self._budget.calls_spent and self._figures["objects"] > 0
        if (self._lasting or self._passing) and not goes_on:
            raise self._failure()
        return {
            **self._figures,
            "calls": self._budget.calls,
            "callsSpent": self._budget.calls_spent,
            **({} if ended or self._budget.calls_spent else {"next": 0}),
        }

    def _all(self) -> bool:
        """Copy what is listed; False where the budget ended first."""
        names: set[bytes] = set()
        for page in self._source.pages():
            for found in page:
                if not self._contract.wants(found.name, found.size):
                    continue
                self._figures["received"] += 1
                names.add(named(found.name))
                if len(names) > MOST:
                    raise ConnectorError(
                        self._contract.sentence(
                            f"holds more than {MOST:,} objects below the prefix",
                            "divide them among several connectors, each with a prefix of its own",
                        )
                    )
                if found.size > LARGE:
                    self._large.append(found)
                elif not self._take(found):
                    return False
        if not all(self._take(found) for found in sorted(self._large, key=lambda large: large.size)):
            return False
        if len(self._copied) > len(names):
            self._copied.keep_only(names)
        return True

    def _take(self, found: SourceObject) -> bool:
        """Copy an object that has not been; False where the budget is spent."""
        if self._copied.has(found.name, found.version):
            return True
        if self._budget.time_spent or self._budget.calls_spent:
            return False
        try:
            self._copy(found)
        except OutOfTimeError:
            if not self._fresh:
                return False
            self._lasting[found.name] = (
                f"with {found.size:,} bytes it takes longer than a call of the function; divide it"
            )
        except UnreadableError as error:
            self._lasting[found.name] = str(error)
        except (ConnectorError, SourceUnavailableError) as error:
            # It may be about this object only; if the next ones fail as well, it is not.
            refused = isinstance(error, ConnectorError)
            self._in_a_row += 1
            if self._in_a_row >= (_REFUSED_IN_A_ROW if refused else _BROKEN_IN_A_ROW):
                raise
            (self._lasting if refused else self._passing)[found.name] = str(error)
        else:
            self._in_a_row = 0
        self._fresh = False
        return True

    def _copy(self, listed: SourceObject) -> None:
        key = self._contract.key(listed.name)
        if len(key.encode()) > LONGEST_KEY:
            raise UnreadableError(f"its key would be longer than {LONGEST_KEY} bytes; shorten the name")
        if listed.size > LARGEST:
            raise UnreadableError(f"with {listed.size:,} bytes it is larger than {LARGEST:,}; divide it")
        found: SourceObject | None = listed
        differs = False
        for _ in range(_ATTEMPTS):
            if found is None:
                return  # deleted since it was listed
            if self._raw.version(key) == found.version:
                self._copied.add(found.name, found.version)
                return
            self._budget.call()
            try:
                self._raw.put(key, found, CheckedStream(self._source.chunks(found), found, self._budget))
            except ChangedError:
                differs = False
            except DifferentError:
                differs = True
            else:
                self._note(found)
                return
            found = self._source.current(listed.name)
        if differs:
            raise UnreadableError("its content has not the checksum that is stated of it; write it again")
        self._passing[listed.name] = "it changes faster than it can be read"

    def _note(self, found: SourceObject) -> None:
        self._copied.add(found.name, found.version)
        self._figures["stored"] += 1
        self._figures["objects"] += 1
        self._figures["bytes"] += found.size
        if self._figures["objects"] % _NOTED_AFTER == 0:
            self._copied.save()

    def _failure(self) -> Exception:
        failed = self._lasting | self._passing
        some = [f'"{name}": {why}' for name, why in list(failed.items())[:_NAMED]]
        more = f" (and {len(failed) - _NAMED} more)" if len(failed) > _NAMED else ""
        text = self._contract.sentence(
            f"has {len(failed)} objects that cannot be copied, which keeps no other from it",
            ". ".join(some) + more,
        )
        return ConnectorError(text) if self._lasting else SourceUnavailableError(text)
