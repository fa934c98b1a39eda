"""A database of this machine, as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PASSWORD = "do-not-show-me"  # noqa: S105 (made up)


@dataclass(frozen=True)
class Database:
    """driver: as SQLAlchemy names it; name: of the superuser, and of a database that is there."""

    driver: str
    name: str
    port: int
    authority: Path
