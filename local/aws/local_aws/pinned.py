"""Access to MiniStack's private names, checked at start."""

from pathlib import Path

from local_shared.pinned import MissingNameError, Pinned, replace

__all__ = ["MissingNameError", "private", "replace"]

private = Pinned("MiniStack", "ministack", Path(__file__).parents[1] / "requirements.in").private
