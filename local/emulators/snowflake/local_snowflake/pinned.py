"""Access to fakesnow's private names, checked at start."""

from pathlib import Path

from local_shared.pinned import Pinned, replace

__all__ = ["private", "replace"]

private = Pinned("fakesnow", "fakesnow", Path(__file__).parents[1] / "requirements.in").private
