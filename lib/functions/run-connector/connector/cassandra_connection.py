"""A connection that ends where a page would not fit into the memory: its size comes before it."""

from __future__ import annotations

from cassandra.cluster import DefaultConnection, NoHostAvailable
from cassandra.connection import ConnectionException

LARGEST_PAGE = 32 * 1024**2
"""A page that is taken; the driver holds up to three copies of it (bytes)."""

_TOO_LARGE = "a page is larger than what is taken"


class BoundedConnection(DefaultConnection):  # type: ignore[misc]  # the driver has no types
    """As the driver's own otherwise."""

    def _read_frame_header(self) -> int:
        read: int = super()._read_frame_header()
        frame = self._current_frame
        if frame is not None and frame.end_pos - frame.body_offset > LARGEST_PAGE:
            self.defunct(ConnectionException(_TOO_LARGE, self.endpoint))
        return read


def is_too_large(error: Exception) -> bool:
    """Whether this is why a session has ended."""
    causes = error.errors.values() if isinstance(error, NoHostAvailable) else ()
    return any(_TOO_LARGE in str(cause) for cause in causes)
