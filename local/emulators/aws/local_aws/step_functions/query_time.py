"""A query may take a second of the processor, not of the clock (extension "query-time").

MiniStack ends an expression after a second by the clock. Where many programs share a processor, one that
computes next to nothing may wait that long.
"""

import time
from typing import Any

from local_aws.pinned import private, replace

_jsonata = private("query-time", "jsonata.timebox", "Timebox.check_runaway", "jexception.JException")


def install() -> None:
    """Count the time of the thread that evaluates."""
    replace(_jsonata.Timebox, "check_runaway", _by_processor_time)


def _by_processor_time(original: Any) -> Any:
    def check_runaway(self: Any) -> None:
        timeout, self.timeout = self.timeout, None
        try:
            original(self)
        finally:
            self.timeout = timeout
        if not hasattr(self, "began"):
            self.began = time.thread_time()
        if timeout is not None and (time.thread_time() - self.began) * 1000 > timeout:
            raise _jsonata.jexception.JException("D1012", -1, timeout)

    return check_runaway
