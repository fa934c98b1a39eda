"""How often an API may be called (token bucket)."""

import threading
import time


class RateLimit:
    """Allows a number of calls per second, and as many in one burst after a pause."""

    def __init__(self, calls_per_second: float) -> None:
        """Start with a full bucket, which holds one call at least."""
        self._rate = calls_per_second
        self._capacity = max(1.0, calls_per_second)
        self._tokens = self._capacity
        self._filled_at = time.monotonic()
        self._lock = threading.Lock()

    def allows_call(self) -> bool:
        """Whether a call may be made now; it then counts."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
