"""The pseudonyms of PRESENTATION by Python alone: the nested keyed hash of dbt/macros/pseudonym.sql."""

from __future__ import annotations

from hashlib import sha256

from moments import Moment


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def pseudonym(moment: Moment, key: str) -> str:
    """What PRESENTATION shows for a key of core, by the newest keys of a moment."""
    newest = max(moment.tables["pseudonym_keys"], key=lambda row: row["generation"])
    return _digest(newest["outer_key"] + _digest(newest["inner_key"] + key))
