"""How much a run may still do."""

import time
from collections.abc import Callable


class Budget:
    """Calls and time of one run. A call is counted when it is made, repeated ones too.

    limit: calls of the run; made: those of them that are over.
    seconds_left: time until what was read must be stored.
    """

    def __init__(
        self,
        limit: int,
        calls_per_second: float,
        seconds_left: Callable[[], float],
        *,
        made: int = 0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.calls = made
        self._limit = limit
        self._interval = 1 / calls_per_second
        self._seconds_left = seconds_left
        self._now = now
        self._sleep = sleep
        self._last: float | None = None

    def call(self) -> None:
        """Count a call, and wait until it may be made."""
        if self._last is not None:
            wait = self._last + self._interval - self._now()
            if wait > 0:
                self._sleep(wait)
        self._last = self._now()
        self.calls += 1

    @property
    def calls_spent(self) -> bool:
        """Whether no call is left to this run."""
        return self.calls >= self._limit

    @property
    def time_spent(self) -> bool:
        """Whether the function is about to end: what was read must still be stored."""
        return self._seconds_left() <= 0
